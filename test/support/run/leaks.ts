/** That no secret leaves a run, asserted over every run of the suite. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { secretsIn } from './secrets.ts';

/** Fails when one of these texts, by the name of its place, contains a secret. */
export function assertNoLeaks(texts: Readonly<Record<string, string>>): void {
  for (const [place, text] of Object.entries(texts)) {
    if (secretsIn(text).length === 0) continue;
    const lines = text.split('\n').filter((line) => secretsIn(line).length > 0);
    assert.deepEqual(lines.map(withoutSecrets), [], `secrets appear in ${place}`);
  }
}

/** Standard output without the lines that tell the runner what to mask. */
export function withoutMasks(stdout: string): string {
  return stdout.replaceAll(/^::add-mask::.*$/gm, '');
}

/** The text with every secret in it replaced. */
export function withoutSecrets(text: string): string {
  return secretsIn(text).reduce((rest, secret) => rest.replaceAll(secret, '<secret>'), text);
}

/** The text of every file under a directory, by path. */
export function textsUnder(directory: string): Record<string, string> {
  const entries = readdirSync(directory, { recursive: true, withFileTypes: true });
  // The helpers of tests are scripts that print a login.
  const written = entries.filter((entry) => entry.isFile() && !entry.name.startsWith('docker-credential-'));
  const files = written.map((entry) => join(entry.parentPath, entry.name));
  return Object.fromEntries(files.map((file) => [file, readFileSync(file, 'latin1')]));
}
