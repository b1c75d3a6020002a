/** A placeholder that a removal left is no image: not as a source, not in a list, not for an expectation. */
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { ociIndex, ociManifest } from '../../../src/oci/media-types.ts';
import { empty, placeholder } from '../../../src/registry/placeholder.ts';
import { makeImage } from '../../support/images/images.ts';
import type { TestRegistry } from '../../support/registry/registry.ts';
import { type Scenario, scenario } from '../../support/run/scenario.ts';
import { assertOnlyReads, errorOf } from '../evidence.ts';

interface Left {
  readonly bytes: Uint8Array;
  readonly mediaType: string;
}

/** The form of the first version. */
function firstForm(): Left {
  const document = {
    schemaVersion: 2,
    mediaType: ociManifest,
    artifactType: empty.mediaType,
    config: empty,
    layers: [empty],
    annotations: { 'org.opencontainers.image.title': `stand-in ${randomUUID()}` },
  };
  return { bytes: Buffer.from(JSON.stringify(document)), mediaType: ociManifest };
}

const forms: readonly { readonly name: string; readonly left: Left }[] = [
  { name: 'today', left: placeholder(randomUUID()) },
  { name: 'its first version', left: firstForm() },
];

/** Puts the placeholder under `app:1-amd64`, and a list of it as linux/amd64 under `app:list`. */
function leave({ registry }: Scenario<TestRegistry>, { bytes, mediaType }: Left): void {
  const digest = registry.plant('app', '1-amd64', { bytes, mediaType });
  const platform = { os: 'linux', architecture: 'amd64' };
  const manifests = [{ mediaType, digest, size: bytes.length, platform }];
  const list = Buffer.from(JSON.stringify({ schemaVersion: 2, mediaType: ociIndex, manifests }));
  registry.plant('app', 'list', { bytes: list, mediaType: ociIndex });
}

for (const { name, left } of forms) {
  scenario(
    `a placeholder of ${name} in the list of a tag is not kept when the tag is amended`,
    {},
    async (t) => {
      leave(t, left);
      await t.push('app:2-arm64', makeImage('linux/arm64'));
      await t.push('app:2-amd64', makeImage('linux/amd64'));
      const inputs = { tags: t.ref('app:list'), amend: 'true' };
      const kept = await t.publish({ ...inputs, sources: t.ref('app:2-arm64') });
      assert.match(errorOf(kept).join('\n'), /its entry linux\/amd64 .* is a placeholder .*\[AMEND_BASE\]/);
      const replaced = await t.publish({ ...inputs, sources: t.ref('app:2-amd64') });
      assert.equal(replaced.exitCode, 0, replaced.stdout);
    },
  );

  for (const source of ['1-amd64 linux/amd64', 'list', 'list linux/amd64']) {
    scenario(`a placeholder of ${name} is refused as a source: ${source}`, {}, async (t) => {
      leave(t, left);
      const run = await t.publish({
        tags: t.ref('app:1'),
        sources: t.ref(`app:${source}`),
        'platform-mismatch': 'warn',
      });
      assert.equal(run.exitCode, 1, run.stdout);
      assert.match(errorOf(run)[0] ?? '', /^sources line 1: \S+ .*placeholder.* \[SOURCE_PLACEHOLDER\]$/);
      assertOnlyReads(t);
    });
  }

  for (const image of ['1-amd64', 'list']) {
    scenario(`a placeholder of ${name} satisfies no expectation: ${image}`, {}, async (t) => {
      leave(t, left);
      const run = await t.inspect({ image: t.ref(`app:${image}`), 'expect-platforms': 'linux/amd64' });
      assert.equal(run.exitCode, 1, run.stdout);
      assert.match(errorOf(run).join('\n'), /\[EXPECTATION\]/);
      assert.match(run.stdout, /is a placeholder, which a removal of a tag left/);
    });
  }
}
