/** What people write in place of a source or a tag: the message says what it is, and what to write. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { foreignForm, type ItemKind } from '../../../../src/sources/foreign-form.ts';
import { formatFlaw } from '../../../../src/sources/input/problem-list.ts';
import { parse, refusals } from '../../../support/rigs/source-parsing.ts';

const dollar = '$';
const app = 'ghcr.io/acme/app';

describe('sources', () => {
  const table: readonly (readonly [text: string, flaw: string, expected: string])[] = [
    ['Object', 'is what GitHub writes for a value that is not text', 'toJSON(needs.build.outputs)'],
    ['Array', 'is what GitHub writes for a value that is not text', 'toJSON(needs.build.outputs)'],
    [`${app}:${dollar}{{ github.sha }}`, 'has an expression that was not evaluated', 'its value'],
    [`“${app}:1”`, 'has typographic quotes', 'straight quotes'],
    [`docker manifest create ${app}:1 ${app}:a`, 'is a command', 'only the names'],
    [`sudo docker buildx imagetools create -t ${app}:1 ${app}:a`, 'is a command', 'only the names'],
    [`$ manifest-tool push from-spec x.yml`, 'is a command', 'only the names'],
    [`${app}:arm --arch arm --variant v7`, 'has --arch, an option of docker manifest annotate', 'arch=arm'],
    [`${app}:arm --os-version=10.0.1`, 'has --os-version', 'then os-version=10.0.1'],
    [
      `--amend ${app}:arm`,
      'has --amend, an option of docker manifest create',
      'the name alone; `amend: true`',
    ],
    [`-t ${app}:1`, 'has -t, an option of a command', 'the name alone'],
    [`arm64: ${app}:1`, 'begins with a key', 'the source, then its platform'],
    [`${app}:1 \\`, 'ends with a backslash', 'the line without it'],
    [`${app}:1-${dollar}{arch}`, 'has a "$" before {arch}', '{arch} alone, in `sources`'],
    ['$IMAGE:1', 'has $IMAGE, which only a shell replaces', `${dollar}{{ env.IMAGE }}`],
    [`${dollar}{IMAGE}`, `has ${dollar}{IMAGE}, which only a shell replaces`, `${dollar}{{ env.IMAGE }}`],
    ['$env:IMAGE', 'has $env:IMAGE, which only a shell replaces', `${dollar}{{ env.IMAGE }}`],
    ['%IMAGE%', 'has %IMAGE%, which only a shell replaces', `${dollar}{{ env.IMAGE }}`],
    ['$(cat image)', 'has $(, which only a shell replaces', `${dollar}{{ steps.NAME.outputs.image }}`],
    [`['${app}:1', '${app}:2']`, 'is part of a list in brackets', 'a JSON array'],
    [
      'docker-archive:app.tar:x',
      "is docker's own form of an archive",
      'skopeo copy docker-archive:app.tar oci-archive:FILE',
    ],
    ['dir:out', "is skopeo's own form of a directory", 'skopeo copy dir:out oci:DIR'],
    ['docker-daemon:app:1', 'is an image of this machine', 'pushed to a registry'],
    ['containers-storage:localhost/app', 'is an image of this machine', 'pushed to a registry'],
    ['oci-layout:out', 'names an OCI layout as buildx does', 'oci:out'],
    ['oci-layout://out/app', 'names an OCI layout as buildx does', 'oci:out/app'],
    ['file:///tmp/out', 'is the URL of a file', 'oci:DIR'],
    ['~/out', 'begins with "~"', 'oci:DIR'],
    [`${app}:v*`, 'is a pattern', 'every name in full; {arch}'],
    ['digests/*', 'is a pattern', 'every name in full; {arch}'],
    ['app.tar', 'is the path of a file', 'oci-archive:app.tar'],
    ['./out/app.tar.gz linux/amd64', 'is the path of a file', 'oci-archive:./out/app.tar.gz'],
    ['bake.json', 'is the path of a file', 'metadata:bake.json'],
    ['/tmp/digests', 'is a path', 'digests:DIR'],
    ['..\\out', 'is a path', 'oci:DIR'],
    ['digests/', 'is a path', 'digests:DIR'],
    ['1-amd64', 'has neither a tag nor a digest', `registry/repository:tag, such as ${app}:1-amd64`],
  ];
  for (const [text, flaw, expected] of table)
    it(text, () => {
      const [said = '', ...more] = refusals(text);
      assert.deepEqual(more, []);
      assert.ok(said.startsWith(`1: ${JSON.stringify(text)} ${flaw}`), said);
      assert.ok(said.slice(said.indexOf('(expected: ')).includes(expected), said);
    });

  it('a line in quotes is the line', () => {
    const [line] = parse(`'${app}:1 linux/arm64'`);
    assert.deepEqual(line, parse(`"${app}:1 linux/arm64"`)[0]);
    assert.deepEqual(line, parse(`${app}:1 linux/arm64`)[0]);
  });

  it('a text in an annotation is no form of anything', () =>
    assert.match(refusals(`${app}:1 annotation.a="use -t $X" speed=1`)[0] ?? '', /^1: "speed" is not a key/));
});

describe('tags and platforms', () => {
  const table: readonly (readonly [kind: ItemKind, text: string, out: string])[] = [
    ['tags', 'Object', 'is what GitHub writes for a value that is not text'],
    ['tags', `-t ${app}:1`, 'has -t, an option of a command (expected: the name alone)'],
    ['tags', `${app}:v*`, 'is a pattern (expected: every name in full)'],
    [
      'tags',
      'latest',
      `has no tag (expected: registry/repository:tag, such as ${app}:latest if that is the tag)`,
    ],
    ['platforms', 'Array', 'is what GitHub writes for a value that is not text'],
    [
      'platforms',
      '--platform linux/amd64',
      'has --platform, an option of a command (expected: the name alone)',
    ],
    [
      'platforms',
      '$PLATFORM',
      `has $PLATFORM, which only a shell replaces (expected: its value, such as ${dollar}{{ env.PLATFORM }})`,
    ],
  ];
  for (const [kind, text, out] of table)
    it(`${kind}: ${text}`, () => {
      const found = foreignForm(text, kind);
      assert.ok(found && formatFlaw(found).startsWith(`${JSON.stringify(text)} ${out}`), String(found));
    });

  it('unknown texts stay unknown', () => {
    for (const text of ['ghcr.io/Acme/app:1', 'linux/', 'amd64'])
      assert.equal(foreignForm(text, 'platforms'), undefined);
  });
});
