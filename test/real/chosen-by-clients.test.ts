/** What real clients pull from each list of the table, beside what the action says. Windows hosts have none of them. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { promisify } from 'node:util';
import type { Descriptor } from '../../src/oci/descriptor.ts';
import { clientsOf } from '../../src/policy/client.ts';
import { makeImage, makeIndex, type TestContent } from '../support/images/images.ts';
import { pushImage } from '../support/registry/push-image.ts';
import { startRegistry } from '../support/registry/registry.ts';
import { digestText } from '../support/registry/registry-store.ts';
import { type PulledList, pulledLists } from '../support/rigs/pulled-lists.ts';
import { temporaryDirectory } from '../support/rigs/temporary-directory.ts';
import { findProgram, skipWithout } from '../support/wire/programs.ts';

const run = promisify(execFile);

/** A list in a registry, and the images that it lists. */
interface HeldList {
  readonly reference: string;
  readonly images: readonly TestContent[];
  readonly machines: readonly string[];
}

async function held({ platforms }: PulledList, test: TestContext): Promise<HeldList> {
  const registry = await startRegistry();
  test.after(() => registry.close());
  const images = platforms.map((platform, at) =>
    makeImage(platform ?? 'linux/mips64le', { name: `image ${at}` }),
  );
  const index = makeIndex(
    images.map((content, at) => ({ content, ...(platforms[at] === null && { platform: null }) })),
  );
  await pushImage(registry, 'app', '1', index);
  const entries = index.document.manifests as unknown as readonly Descriptor[];
  const machines = clientsOf(entries).map(({ name }) => name);
  return { reference: `${registry.host}/app:1`, images, machines };
}

const tables = pulledLists.filter(({ pulls }) =>
  Object.keys(pulls).some((name) => !name.startsWith('windows/')),
);

/** The place of the entry that the action says a machine pulls; `-` for none. */
function said({ pulls }: PulledList, machine: string, client: 'containerd' | 'podman'): string {
  const [containerd = '-', podman = containerd] = (pulls[machine] ?? '-').split(' ');
  return client === 'podman' ? podman.replace('~', '') : containerd;
}

/** A program that pulls: its arguments for a machine, and what it prints of an image. */
interface Program {
  readonly name: 'skopeo' | 'podman';
  readonly args: (machine: readonly string[], reference: string, directory: string) => readonly string[];
  readonly imageOf: (output: string) => string;
}

const programs: readonly Program[] = [
  {
    name: 'skopeo',
    args: ([os = '', architecture = '', variant = ''], reference) => [
      ...['--override-os', os, '--override-arch', architecture, '--override-variant', variant],
      ...['inspect', '--tls-verify=false', '--config', '--raw', `docker://${reference}`],
    ],
    imageOf: (output) => digestText(Buffer.from(output)),
  },
  {
    name: 'podman',
    args: ([os = '', architecture = '', variant = ''], reference, directory) => [
      ...['--root', join(directory, 'root'), '--runroot', join(directory, 'run'), '--storage-driver', 'vfs'],
      ...['pull', '--quiet', '--tls-verify=false', '--os', os, '--arch', architecture, '--variant', variant],
      reference,
    ],
    imageOf: (output) => `sha256:${output.trim()}`,
  },
];

for (const { name, args, imageOf } of programs) {
  describe(`${name} pulls what the action says`, { skip: skipWithoutOptional(name) }, () => {
    for (const list of tables)
      it(list.name, async (test) => {
        const { reference, images, machines } = await held(list, test);
        const directory = temporaryDirectory(test);
        for (const machine of machinesFor(name, list, machines)) {
          const [os = '', architecture = '', variant = architecture === 'arm64' ? 'v8' : ''] =
            machine.split('/');
          const output = await printed(
            name,
            args([os, architecture, variant], reference, directory),
            /no image found/,
          );
          const image = output && imageOf(output);
          const at = images.findIndex(({ document }) => document.config?.digest === image);
          assert.equal(at < 0 ? '-' : String(at), said(list, machine, 'podman'), machine);
        }
      });
  });
}

describe('crane pulls what the action says', {
  skip: skipWithoutOptional('crane'),
}, () => {
  for (const list of tables)
    it(list.name, async (test) => {
      const { reference, images, machines } = await held(list, test);
      for (const machine of machines) {
        const args = ['digest', '--insecure', '--platform', machine, reference];
        const output = await printed('crane', args, /no child with platform/);
        const at = images.findIndex(({ digest }) => digest === output?.trim());
        assert.equal(at < 0 ? '-' : String(at), saidOfCrane(list, machine), machine);
      }
    });
});

function saidOfCrane(list: PulledList, machine: string): string {
  const pulled = said(list, machine, 'containerd');
  return list.crane?.[machine] ?? (pulled.endsWith('~') ? '-' : pulled);
}

// podman takes a second for a pull, so it pulls each entry of a list once; its releases do not know v8.2.
function machinesFor(
  name: Program['name'],
  list: PulledList,
  machines: readonly string[],
): readonly string[] {
  if (name === 'skopeo') return machines;
  const known = machines.filter((machine) => !machine.endsWith('/v8.2'));
  return [...new Map(known.map((machine) => [said(list, machine, 'podman'), machine])).values()];
}

/** Debian's stable release has no crane, and small machines no podman. */
function skipWithoutOptional(program: string): string | false {
  if (program === 'skopeo') return skipWithout('skopeo');
  return findProgram(program) === undefined ? `not on PATH: ${program}` : false;
}

/** What a program prints, or undefined when it finds no image. */
async function printed(
  program: string,
  args: readonly string[],
  nothing: RegExp,
): Promise<string | undefined> {
  try {
    return (await run(program, [...args])).stdout;
  } catch (error) {
    assert.match(String(error), nothing);
    return undefined;
  }
}
