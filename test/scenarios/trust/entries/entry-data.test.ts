/** Entries that carry content or addresses of their own: nobody pulls what was not checked. */
import assert from 'node:assert/strict';
import { describe, makeImage, makeIndex } from '../../../support/images/images.ts';
import { scenario } from '../../../support/run/scenario.ts';
import { assertNothingDone, entriesOf, errorOf } from '../../evidence.ts';

const amd64 = makeImage('linux/amd64');
const arm64 = makeImage('linux/arm64');
const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64');

scenario('embedded data that is the entry itself stays', {}, async (t) => {
  const data = base64(arm64.bytes);
  await t.push('app:built', makeIndex([{ content: arm64, fields: { data } }]));
  await t.push('app:amd64', amd64);
  const sources = `${t.ref('app:built')}\n${t.ref('app:amd64')}`;
  const run = await t.publish({ tags: t.ref('app:1'), sources });
  assert.equal(run.exitCode, 0, run.stdout);
  assert.equal((entriesOf(run)[0] as { data?: string } | undefined)?.data, data);
});

// `data` is checked, because a client may take it for the content; `urls` are refused, because a client may
// fetch the image from there and no check of ours says that it is there.
const flaws: readonly { name: string; fields: Readonly<Record<string, unknown>>; says: RegExp }[] = [
  { name: 'data of another image', fields: { data: base64(amd64.bytes) }, says: /\bdata\b/ },
  { name: 'data that is no base64', fields: { data: '%%%' }, says: /\bdata\b/ },
  { name: 'addresses to fetch it from', fields: { urls: ['https://evil.test/image'] }, says: /\burls\b/ },
];

for (const { name, fields, says } of flaws) {
  scenario(`an entry with ${name} is refused`, {}, async (t) => {
    await t.push('app:built', makeIndex([amd64, { content: arm64, fields }]));
    const run = await t.publish({ tags: t.ref('app:1'), sources: t.ref('app:built') });
    await assertNothingDone(t, run, ['app:1']);
    const said = errorOf(run).join('\n');
    assert.match(said, says);
    assert.ok(said.includes(arm64.digest), said);
    assert.match(said, /\[INDEX_INCONSISTENT\]/);
  });

  scenario(`a descriptor with ${name} is refused`, {}, async (t) => {
    await t.push('app', arm64);
    const sources = JSON.stringify({ ...describe(arm64), ...fields });
    const run = await t.publish({ tags: t.ref('app:1'), sources });
    await assertNothingDone(t, run, ['app:1']);
    assert.match(errorOf(run).join('\n'), says);
  });
}
