import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { type TestContext, test } from 'node:test';
import { parse } from 'yaml';
import { writeInspection } from '../../../src/actions/outputs.ts';
import { compareImages } from '../../../src/inspection/comparison.ts';
import type { Inspection } from '../../../src/inspection/inspection.ts';
import { makeImage, makeIndex } from '../../support/images/images.ts';
import { documentOf, inspectionOf } from '../../support/rigs/inspection-rig.ts';
import { temporaryDirectory } from '../../support/rigs/temporary-directory.ts';
import { Told } from '../../support/rigs/wire-rig.ts';

const amd64 = makeImage('linux/amd64');
const list = makeIndex([amd64, makeImage('linux/arm/v7'), makeImage('linux/arm/v7', { name: 'b' })]);

async function outputsOf(context: TestContext, inspection: Inspection): Promise<Record<string, string>> {
  const directory = temporaryDirectory(context);
  const outputs = new Map<string, string>();
  const output = (name: string, value: string): void => void outputs.set(name, value);
  await writeInspection(inspection, { environment: { RUNNER_TEMP: directory }, output }, new Told());
  return Object.fromEntries(outputs);
}

test('the outputs written are those of inspect/action.yml, no more and no fewer', async (context) => {
  const text = await readFile(new URL('../../../inspect/action.yml', import.meta.url), 'utf8');
  const declared = Object.keys((parse(text) as { outputs: object }).outputs);
  const outputs = await outputsOf(context, inspectionOf(await documentOf(list)));
  assert.deepEqual(Object.keys(outputs).toSorted(), declared.toSorted());
});

test('what each output holds', async (context) => {
  const [document, before] = [await documentOf(list), await documentOf(makeIndex([amd64]))];
  const changes = compareImages(before, document);
  const outputs = await outputsOf(context, { ...inspectionOf(document), before, changes });
  const { 'json-file': file = '', differences = '', ...rest } = outputs;
  assert.deepEqual(await readFile(file), list.bytes);
  assert.equal(JSON.parse(differences).length, 2);
  assert.deepEqual(rest, {
    digest: list.digest,
    'media-type': list.mediaType,
    size: String(list.size),
    json: JSON.stringify(list.document),
    platforms: 'linux/amd64,linux/arm/v7',
    name: 'ghcr.io/acme/app',
    image: `ghcr.io/acme/app@${list.digest}`,
    changed: 'true',
  });
});

test('what is in no registry has no name', async (context) => {
  const document = { ...(await documentOf(list)), reference: undefined };
  const { name, image } = await outputsOf(context, inspectionOf(document));
  assert.deepEqual({ name, image }, { name: '', image: '' });
});

test('verbose is in the output and in the file', async (context) => {
  const inspection = inspectionOf(await documentOf(list), { form: 'verbose' });
  const { json = '', 'json-file': file = '', digest } = await outputsOf(context, inspection);
  assert.equal(digest, list.digest);
  const elements = JSON.parse(json) as readonly { readonly Ref: string }[];
  assert.equal(elements[0]?.Ref, `ghcr.io/acme/app:1@${amd64.digest}`);
  assert.deepEqual(JSON.parse(await readFile(file, 'utf8')), elements);
});
