import type { StepRun } from './workflow-run.ts';

/** Values of variables that scripts set from answers of GitHub's API. */
const answered = { tags: 'ghcr.io/acme/app:run-1-linux-amd64' };

/** The outputs that a script writes to `$GITHUB_OUTPUT`, one `echo "NAME=VALUE" >> "$GITHUB_OUTPUT"` per output. */
export function scriptOutputs({ run = '', env }: StepRun): Readonly<Record<string, string>> {
  const lines = run.matchAll(/^\s*echo "([^"=]+)=([^"]*)" >> "\$GITHUB_OUTPUT"$/gm);
  return Object.fromEntries(
    [...lines].map(([, name = '', value = '']) => [
      withVariables(name, env),
      withVariables(value, { ...answered, ...env }),
    ]),
  );
}

/** A text of a script with the variables of its `env` put in. */
export function withVariables(text: string, env: StepRun['env']): string {
  return text.replaceAll(/\$(?:\{(\w+)\}|(\w+))/g, (whole, braced?: string, plain?: string) =>
    String(env[braced ?? plain ?? ''] ?? whole),
  );
}
