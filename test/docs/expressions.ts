const digests = ['a', 'b', 'c'].map((digit) => `sha256:${digit.repeat(64)}`);
const [amd64, armv7, arm64] = digests;
const outputs = { amd64, 'arm-v7': armv7, arm64 };

/** What each expression of the examples stands for in a run. */
const values: Readonly<Record<string, string>> = {
  'github.actor': 'octocat',
  'github.ref_name': 'v1.2.3',
  'github.run_id': '7',
  'github.repository': 'acme/app',
  'matrix.platform': 'linux/arm64',
  'matrix.name': 'arm64',
  'github.sha': '0123456789abcdef0123456789abcdef01234567',
  'github.token': 'example-token',
  'secrets.GITHUB_TOKEN': 'example-token',
  'secrets.DOCKERHUB_TOKEN': 'example-password',
  'vars.DOCKERHUB_USERNAME': 'octocat',
  'steps.meta.outputs.tags': 'ghcr.io/acme/app:1.2.3\nghcr.io/acme/app:latest',
  'steps.meta.outputs.annotations':
    'manifest:org.opencontainers.image.title=app\nmanifest:org.opencontainers.image.description=An app, and more',
  'steps.build.outputs.digest': String(amd64),
  'steps.build.outputs.metadata': JSON.stringify({ 'containerimage.digest': amd64 }),
  'toJSON(needs.build.outputs)': JSON.stringify(outputs, undefined, 2),
  'toJSON(needs.build-base.outputs)': JSON.stringify({ amd64, arm64 }),
  'toJSON(needs.build-app.outputs)': JSON.stringify({ amd64, arm64 }),
  'toJSON(needs)': JSON.stringify({ build: { result: 'success', outputs } }, undefined, 2),
  'needs.build.outputs.amd64': String(amd64),
  'needs.build.outputs.arm-v7': String(armv7),
  'needs.build.outputs.arm64': String(arm64),
};

/** A text with every expression replaced by what it may stand for; throws for one that is not in the table. */
export function evaluate(text: string): string {
  return text.replaceAll(/\$\{\{\s*(.*?)\s*\}\}/g, (_, expression: string) => {
    const value = values[expression];
    if (value === undefined) throw new Error(`no value is known for the expression ${expression}`);
    return value;
  });
}
