import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { ArtifactSubjects } from '../../../src/runner/artifact-subjects.ts';
import { temporaryDirectory } from '../../support/rigs/temporary-directory.ts';
import { Told } from '../../support/rigs/wire-rig.ts';

const one = `sha256:${'1'.repeat(64)}`;
const two = `sha256:${'2'.repeat(64)}`;

interface Job {
  readonly subjects: ArtifactSubjects;
  readonly told: Told;
  /** Reads the file of the step. */
  written(): Promise<string>;
}

/** A step whose file holds some text, in a job that declared artifacts before; undefined: the runner has no such file. */
async function jobOf(test: TestContext, text: string | undefined, before?: string): Promise<Job> {
  const directory = temporaryDirectory(test);
  const [file, list] = [join(directory, 'artifacts'), join(directory, 'artifacts-list')];
  if (text !== undefined) await writeFile(file, text);
  if (before !== undefined) await writeFile(list, before);
  const told = new Told();
  const environment = {
    ...(text !== undefined && { GITHUB_ARTIFACTS: file }),
    ...(before !== undefined && { GITHUB_ARTIFACTS_LIST: list }),
  };
  return { told, subjects: new ArtifactSubjects(environment, told), written: () => readFile(file, 'utf8') };
}

const app = { name: 'ghcr.io/acme/app', digest: one };

test('each repository is a line, once', async (context) => {
  const { subjects, told, written } = await jobOf(context, '');
  await subjects.declare([app, app, { name: 'docker.io/acme/app', digest: one }]);
  const lines = [`oci://ghcr.io/acme/app@${one}`, `oci://docker.io/acme/app@${one}`];
  assert.equal(await written(), `${lines.join('\n')}\n`);
  assert.deepEqual(
    told.infos,
    lines.map((line) => `Declared ${line}`),
  );
  assert.deepEqual(told.warnings, []);
});

test('a line that somebody else left without an end stays a line', async (context) => {
  const { subjects, written } = await jobOf(context, 'file://dist/app.tar');
  await subjects.declare([app]);
  assert.equal(await written(), `file://dist/app.tar\noci://ghcr.io/acme/app@${one}\n`);
});

test('a runner without the file: a warning', async (context) => {
  const { subjects, told } = await jobOf(context, undefined);
  await subjects.declare([app]);
  assert.match(
    told.warnings.join(),
    /^declare-subjects has no effect: this runner does not set GITHUB_ARTIFACTS/,
  );
});

test('a file that cannot be written: a warning', async (context) => {
  const directory = temporaryDirectory(context);
  const told = new Told();
  await new ArtifactSubjects({ GITHUB_ARTIFACTS: join(directory, 'no', 'file') }, told).declare([app]);
  assert.match(told.warnings.join(), /^The artifacts could not be declared: ENOENT/);
});

const list = (...subjects: readonly object[]): string => JSON.stringify({ version: 1, subjects });

const fine: readonly { name: string; text: string; before?: string }[] = [
  { name: 'nothing', text: '' },
  { name: 'an empty list', text: '', before: '' },
  { name: 'a list of another form', text: '', before: '[1]' },
  { name: 'the same again', text: `oci://${app.name}@${one}\n`, before: list({ ...app, kind: 'oci' }) },
  { name: 'other names', text: `# comment\n\nfile://${app.name}\nghcr.io/acme/other@${two}\n` },
];
for (const { name, text, before } of fine)
  test(`an artifact beside ${name}`, async (context) => {
    const { subjects } = await jobOf(context, text, before);
    await subjects.check([app, { name: 'docker.io/acme/app', digest: two }]);
  });

const refused: readonly { name: string; text: string; before?: string }[] = [
  { name: 'this step', text: `OCI://${app.name}@${two.toUpperCase().replace('SHA', 'sha')}` },
  { name: 'this step without a scheme', text: `${app.name}@${two}` },
  { name: 'an earlier step', text: '', before: list({ name: app.name, digest: two, kind: 'oci' }) },
];
for (const { name, text, before } of refused)
  test(`a name that ${name} gave another digest is refused`, async (context) => {
    const { subjects, told, written } = await jobOf(context, text, before);
    const message = `declare-subjects: ${app.name} would be an artifact of this job with two digests: ${two} and ${one}`;
    await assert.rejects(() => subjects.check([app]), { code: 'SUBJECT_CONFLICT', message });
    await subjects.declare([app]);
    assert.equal(await written(), text);
    assert.deepEqual(told.warnings, [`The artifacts could not be declared: ${message}`]);
  });

test('two lists of one repository are refused', async (context) => {
  const { subjects } = await jobOf(context, '');
  await assert.rejects(() => subjects.check([app, { ...app, digest: two }]), { code: 'SUBJECT_CONFLICT' });
});

test('more artifacts than a job may have are refused', async (context) => {
  const many = Array.from({ length: 500 }, (_, at) => ({ name: `ghcr.io/acme/app-${at}`, digest: one }));
  const { subjects } = await jobOf(context, '');
  await subjects.check(many);
  await assert.rejects(() => subjects.check([...many, app]), {
    message: 'declare-subjects: this job would have 501 artifacts; the runner allows at most 500',
  });
});
