/** Images, checks and faults of the scenarios of copies. */
import assert from 'node:assert/strict';
import type { FaultSpec } from '../../support/faults/fault-spec.ts';
import { makeImage, type TestContent } from '../../support/images/images.ts';
import { bigBlob } from '../../support/images/layers.ts';
import type { TestRegistry } from '../../support/registry/registry.ts';
import type { RegistryHandle } from '../../support/registry/registry-handle.ts';
import type { ActionRun } from '../../support/run/run-action.ts';
import type { Scenario } from '../../support/run/scenario.ts';
import type { WireEntry } from '../../support/wire/wire-transcript.ts';

export const mebibyte = 1024 * 1024;

/** An image with one layer that is streamed rather than held. */
export function largeImage(platform = 'linux/amd64', size = 3 * mebibyte, seed = 1): TestContent {
  return makeImage(platform, { bigLayers: [bigBlob(size, seed)] });
}

/** The digest of the only big layer. */
export function largeBlobOf(image: TestContent): string {
  const [digest = ''] = [...image.blobs].filter(([, blob]) => blob.size > mebibyte).map(([key]) => key);
  return digest;
}

/** Two registries: where images are, and where they are to be. */
export function bothOf<Registry extends RegistryHandle>(t: Scenario<Registry>): [Registry, Registry] {
  const [from, to] = t.registries;
  if (from === undefined || to === undefined) throw new Error('the scenario has too few registries');
  return [from, to];
}

/** Requests that a registry got, by method and a part of their path. */
export function requestsOf(registry: TestRegistry, method: string, part: string): readonly WireEntry[] {
  return registry.wire.filter((entry) => entry.method === method && entry.path.includes(part));
}

/** How many uploads were finished for a blob. */
export function uploadsOf(registry: TestRegistry, digest: string): number {
  return requestsOf(registry, 'PUT', `digest=${encodeURIComponent(digest)}`).filter(
    ({ outcome }) => outcome === 201,
  ).length;
}

/** Fails unless the repository holds the content with everything under it, bytes and all. */
export function assertHolds(registry: TestRegistry, repository: string, content: TestContent): void {
  assert.deepEqual(registry.manifest(repository, content.digest)?.bytes, content.bytes, content.digest);
  for (const digest of content.blobs.keys()) assert.ok(registry.hasBlob(repository, digest), digest);
  for (const child of content.children) assertHolds(registry, repository, child);
}

/** Fails unless the run failed in this class of error and no tag of the repository was set. */
export function assertRefused(run: ActionRun, registry: TestRegistry, repository: string): void {
  assert.equal(run.exitCode, 1, run.stdout);
  assert.deepEqual(registry.tags(repository), {});
}

/** Serves a blob's first bytes and then breaks the connection. */
export function cutAfter(bytes: number): FaultSpec {
  return {
    fault: 'custom',
    apply: async ({ proceed }) => {
      const answer = await proceed();
      return {
        outcome: 'cut',
        act: async (response) => {
          response.writeHead(answer.status, answer.headers as Record<string, string>);
          let left = bytes;
          for await (const chunk of answer.body as AsyncIterable<Uint8Array>) {
            response.write(chunk.subarray(0, left));
            left -= chunk.length;
            if (left <= 0) break;
          }
          await new Promise((resolve) => setTimeout(resolve, 50));
          response.destroy();
        },
      };
    },
  };
}

/** Reads a request's first bytes and then breaks the connection. */
export function breakAfter(bytes: number): FaultSpec {
  return {
    fault: 'custom',
    apply: async ({ request }) => {
      let left = bytes;
      for await (const chunk of request.body) {
        left -= chunk.length;
        if (left <= 0) break;
      }
      return { outcome: 'broken', act: (response) => void response.destroy() };
    },
  };
}

/** Answers 503 without reading the request. */
export const hasty: FaultSpec = {
  fault: 'custom',
  apply: async () => ({ status: 503, headers: { connection: 'close' } }),
};

/** Serves a blob with one byte changed. */
export const oneByteOff: FaultSpec = {
  fault: 'custom',
  apply: async ({ proceed }) => {
    const answer = await proceed();
    return { ...answer, body: flipped(answer.body as AsyncIterable<Uint8Array>) };
  },
};

async function* flipped(body: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array> {
  let isFirst = true;
  for await (const chunk of body) {
    const copy = Buffer.from(chunk);
    if (isFirst) copy[0] = (copy[0] ?? 0) ^ 1;
    isFirst = false;
    yield copy;
  }
}
