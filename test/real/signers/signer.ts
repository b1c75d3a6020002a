/** Real signers with keys of their own: they sign in a registry, and verify what is there, without any service. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { findProgram } from '../../support/wire/programs.ts';

const start = promisify(execFile);
const limit = 60_000;

/** The reason to skip tests that need these programs, or false. Debian's stable release has none of them. */
export function skipWithoutSigner(...names: readonly string[]): string | false {
  const missing = names.filter((name) => findProgram(name) === undefined);
  return missing.length > 0 && `not on PATH: ${missing.join(', ')}`;
}

/** The programs with their keys, which are in a directory of their own. */
export class Signers {
  readonly directory: string;

  constructor(directory: string) {
    this.directory = directory;
  }

  /** Runs a program; its standard output. Rejects, with what it printed, when it fails. */
  async run(program: string, ...args: readonly string[]): Promise<string> {
    const env = {
      PATH: process.env['PATH'],
      HOME: this.directory,
      XDG_CONFIG_HOME: join(this.directory, 'config'),
      COSIGN_PASSWORD: '',
    };
    const { stdout } = await start(program, [...args], { cwd: this.directory, env, timeout: limit });
    return stdout;
  }

  /** Writes a file of the directory. */
  file(name: string, text: string): void {
    writeFileSync(join(this.directory, name), text);
  }

  has(name: string): boolean {
    return existsSync(join(this.directory, name));
  }

  read(name: string): string {
    return readFileSync(join(this.directory, name), 'utf8');
  }
}

/** A way to sign an image, or to attach something to it. */
export interface Signer {
  readonly programs: readonly string[];
  /** Makes the keys that it needs. */
  readonly prepare: (signers: Signers) => Promise<unknown>;
  readonly sign: (signers: Signers, image: string) => Promise<unknown>;
  /** Rejects unless the image has what `sign` made, and the key has signed that. */
  readonly verify: (signers: Signers, image: string) => Promise<unknown>;
}

const insecure = ['--allow-insecure-registry', '--allow-http-registry'];
const signing = [
  '--key=cosign.key',
  '--yes',
  '--use-signing-config=false',
  '--tlog-upload=false',
  ...insecure,
];
const verifying = ['--key=cosign.pub', '--insecure-ignore-tlog', '--private-infrastructure', ...insecure];

/** cosign keeps signatures under tags, or since version 3 as bundles, which are referrers. */
function cosign(form: 'tags' | 'bundle', command: 'sign' | 'attest'): Signer {
  const format = `--new-bundle-format=${form === 'bundle'}`;
  const type = command === 'attest' ? ['--type=custom'] : [];
  const predicate = command === 'attest' ? ['--predicate=predicate.json'] : [];
  const verify = command === 'attest' ? 'verify-attestation' : 'verify';
  return {
    programs: ['cosign'],
    prepare: async (signers) => {
      signers.file('predicate.json', '{"tested":true}');
      if (!signers.has('cosign.key')) await signers.run('cosign', 'generate-key-pair');
    },
    sign: (signers, image) =>
      signers.run('cosign', command, ...signing, format, ...type, ...predicate, image),
    verify: (signers, image) => signers.run('cosign', verify, ...verifying, format, ...type, image),
  };
}

const trust = {
  version: '1.0',
  trustPolicies: [
    {
      name: 'tests',
      registryScopes: ['*'],
      signatureVerification: { level: 'strict' },
      trustStores: ['ca:tests.example'],
      trustedIdentities: ['*'],
    },
  ],
};

const notation: Signer = {
  programs: ['notation'],
  prepare: async (signers) => {
    if (signers.has('trust.json')) return;
    await signers.run('notation', 'cert', 'generate-test', '--default', 'tests.example');
    signers.file('trust.json', JSON.stringify(trust));
    await signers.run('notation', 'policy', 'import', 'trust.json');
  },
  sign: (signers, image) => signers.run('notation', 'sign', '--insecure-registry', image),
  verify: (signers, image) => signers.run('notation', 'verify', '--insecure-registry', image),
};

const sbomType = 'application/spdx+json';
const sbom = '{"spdxVersion":"SPDX-2.3"}';

/** The bill of materials that is attached to an image, by its digest. */
async function sbomOf(signers: Signers, image: string): Promise<string> {
  const text = await signers.run('oras', 'discover', '--plain-http', '--format=json', image);
  const { referrers = [] } = JSON.parse(text) as {
    referrers?: readonly { readonly artifactType?: string; readonly digest: string }[];
  };
  const { digest } = referrers.find(({ artifactType }) => artifactType === sbomType) ?? {};
  assert.ok(digest, `${image} has no bill of materials: ${text}`);
  return `${image.slice(0, image.indexOf('@'))}@${digest}`;
}

const signedSbom: Signer = {
  programs: ['oras', 'notation'],
  prepare: notation.prepare,
  sign: async (signers, image) => {
    signers.file('sbom.json', sbom);
    const file = `sbom.json:${sbomType}`;
    await signers.run('oras', 'attach', '--plain-http', `--artifact-type=${sbomType}`, image, file);
    await notation.sign(signers, await sbomOf(signers, image));
  },
  verify: async (signers, image) => {
    const found = await sbomOf(signers, image);
    await signers.run('oras', 'pull', '--plain-http', '--output=pulled', found);
    assert.equal(signers.read('pulled/sbom.json'), sbom);
    await notation.verify(signers, found);
  },
};

export const signers: Readonly<Record<string, Signer>> = {
  'cosign sign, tags': cosign('tags', 'sign'),
  'cosign sign, bundle': cosign('bundle', 'sign'),
  'cosign attest, tags': cosign('tags', 'attest'),
  'cosign attest, bundle': cosign('bundle', 'attest'),
  'notation sign': notation,
  'oras attach of an SBOM, signed by notation': signedSbom,
};
