import type { RegistryLogin } from '../../credentials/login-scope.ts';
import { quote } from '../../oci/format-error.ts';
import { parseRegistry } from '../../oci/reference.ts';
import { joined } from '../../run/finding.ts';
import { type CredentialHelperLine, parseCredentialHelper } from './credential-helper-line.ts';
import type { InputReader } from './input-reader.ts';
import { isFlag } from './input-value.ts';
import { parseRegistryAuth } from './registry-auth-input.ts';

/** The inputs that every action has: how to connect to registries, and whether to write the summary. */
export interface StepInputs {
  readonly registryAuth: readonly RegistryLogin[];
  readonly credentialHelpers: readonly CredentialHelperLine[];
  readonly insecureRegistries: ReadonlySet<string>;
  readonly githubToken: string;
  readonly summary: 'write' | 'leave';
  /** Warnings about valid inputs that may be mistakes. */
  readonly warnings: readonly string[];
}

/** Reads the inputs that every action has; the reader collects their problems. */
export async function readStepInputs(reader: InputReader): Promise<StepInputs> {
  const { logins, problems } = await parseRegistryAuth(reader.text('registry-auth'));
  reader.problems.push(...problems);
  const insecure = reader.words('insecure-registries', 'registries', (text) => parseRegistry(text, text));
  for (const name of insecure.filter(isFlag))
    reader.warn(
      (names) => `insecure-registries: ${names} is read as a host; write host or host:port`,
      quote(name),
    );
  return {
    registryAuth: logins,
    insecureRegistries: new Set(insecure),
    credentialHelpers: reader.list('credential-helpers', parseCredentialHelper),
    githubToken: reader.text('github-token').trim(),
    summary: reader.flag('summary', { true: 'write', false: 'leave' }),
    warnings: joined(reader.warnings),
  };
}
