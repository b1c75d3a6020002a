import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatReference } from '../../../src/oci/reference.ts';
import type { ListRequest } from '../../../src/pipeline/request.ts';
import { SourceReadings } from '../../../src/publish/source-readings.ts';
import { ManifestBudget } from '../../../src/registry/manifest-budget.ts';
import { ActionError, SourceError } from '../../../src/run/errors.ts';
import { parseSources } from '../../../src/sources/input/parse-sources.ts';
import type { SourceContext } from '../../../src/sources/source.ts';
import { makeImage, type TestContent } from '../../support/images/images.ts';
import { resolvedOf } from '../../support/rigs/source-rig.ts';
import { Told } from '../../support/rigs/wire-rig.ts';

const amd64 = makeImage('linux/amd64');
const again = makeImage('linux/amd64', { name: 'again' });

/** Readings of sources of which `served` exist, by tag; a tag that is undefined cannot be read. */
function readingsOf(served: Map<string, TestContent | undefined>, ...sources: readonly string[]) {
  const lists = sources.map((text) => ({ sources: parseSources(text, []).lines }) as unknown as ListRequest);
  const fetch: SourceContext['fetch'] = async (line, reference) => {
    const tag = reference.tag ?? '';
    if (!served.has(tag)) throw new SourceError('SOURCE_MISSING', `${tag} is missing`);
    const content = served.get(tag);
    if (content === undefined) throw new ActionError('DENIED', 'denied');
    return { ...resolvedOf(content), line, label: formatReference(reference) };
  };
  const context = {
    directory: '/',
    dockerConfig: '/',
    repository: undefined,
    targets: [],
    observer: new Told(),
    budget: new ManifestBudget(),
    mayLogIn: async () => false,
  };
  const sourcesOf = (_: ListRequest, given = fetch) => ({ ...context, fetch: given });
  const request = { lists, form: 'inputs', missingSources: 'ignore' } as const;
  return new SourceReadings(request, { fetchWithin: () => fetch, sourcesOf, observer: new Told() });
}

test('what exists has a digest, and its lists are those that have a source', async () => {
  const readings = readingsOf(new Map([['a', amd64]]), 'ghcr.io/x/y:a\nghcr.io/x/y:b', 'ghcr.io/x/y:b');
  const found = await readings.read(0);
  assert.deepEqual(
    found.map(({ digest }) => digest),
    [amd64.digest, undefined, undefined],
  );
  const lists = readings.listsOf(found.filter(({ digest }) => digest !== undefined));
  assert.deepEqual(
    lists.map(({ sources }) => sources.length),
    [1],
  );
});

test('what was seen stays readable, its last content', async () => {
  const served = new Map<string, TestContent | undefined>([['a', amd64]]);
  const readings = readingsOf(served, 'ghcr.io/x/y:a');
  const [list] = readings.listsOf(await readings.read(0));
  served.set('a', again);
  await readings.read(0);
  served.delete('a');
  assert.equal((await readings.read(0))[0]?.digest, undefined);
  assert.ok(list);
  const [line] = list.sources;
  assert.ok(line?.locator.kind === 'reference');
  const { kind: _, ...reference } = line.locator;
  assert.equal((await readings.sourcesOf(list).fetch(line, reference)).manifest.digest, again.digest);
});

test('what cannot be read is not missing', async () => {
  await assert.rejects(readingsOf(new Map([['a', undefined]]), 'ghcr.io/x/y:a').read(0), { code: 'DENIED' });
});
