/** What people write in place of a source or a tag: the message says what it is, and what to write. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { quote } from '../../../../src/oci/format-error.ts';
import { foreignForm, type ItemKind } from '../../../../src/sources/explanation.ts';
import { formatFlaw } from '../../../../src/sources/input/problem-list.ts';
import { parse, refusals } from '../../../support/rigs/source-parsing.ts';

const dollar = '$';
const app = 'ghcr.io/acme/app';
const hex = '0123456789abcdef'.repeat(4);

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
    [`app: ${app}:1`, 'begins with a key', 'the source, then its platform'],
    [
      `arm64: ${app}:1`,
      'begins with its architecture',
      `the source first, then os/arch, as in ${app}:1 linux/arm64`,
    ],
    [`linux/amd64=${app}:1`, 'begins with its platform', `as in ${app}:1 linux/amd64`],
    [`linux/amd64 ${app}:1`, 'begins with its platform', `as in ${app}:1 linux/amd64`],
    [`linux/amd64: ${app}:1`, 'begins with its platform', `as in ${app}:1 linux/amd64`],
    [`linux/arm/v7:${app}:1`, 'begins with its platform', `as in ${app}:1 linux/arm/v7`],
    ['linux/amd64,linux/arm64', 'is a platform', `the source before it, such as ${app}:1.0 linux/amd64`],
    [`${app}:1=linux/amd64`, 'has no space before its platform', `${app}:1 linux/amd64`],
    [
      `${app}:1 windows/amd64:10.0.20348`,
      'has a version behind its platform',
      'windows/amd64 os-version=10.0.20348',
    ],
    [`${app}:1 linux amd64`, 'has its platform in two words', 'linux/amd64'],
    [`${app}:1 -> linux/amd64`, 'has -> before its platform', 'linux/amd64 behind the source'],
    [`${app}:1 platform=linux/amd64`, 'has "platform=" before its platform', 'linux/amd64 alone'],
    [`${app}:1 linux/amd64,linux/arm64`, 'has several platforms', 'one source and platform per line'],
    [
      `${app}:1 undefined`,
      'has the word undefined, which stands for a value that does not exist',
      'the value itself',
    ],
    ['[object Object]', 'is what GitHub writes for a value that is not text', 'toJSON(needs.build.outputs)'],
    [hex, 'has a digest without "sha256:"', `sha256:${hex}`],
    [`${app}@${hex}`, 'has a digest without "sha256:"', `${app}@sha256:${hex}`],
    [`${app}:sha256:abc`, 'has ":" before a digest', `${app}@sha256:abc`],
    [
      hex.slice(0, 12),
      'has neither a tag nor a digest',
      'registry/repository@sha256: and 64 digits for a digest',
    ],
    [`${app}@latest`, 'has "@", but no digest', `${app}:latest for a tag`],
    [`${app}/1.0`, 'has "/" where a tag may begin', `${app}:1.0 for a tag`],
    [
      `${app}:`,
      'has nothing behind its last ":"',
      `${app} with a tag; if an expression stands there, its value is empty`,
    ],
    [`${app}: linux/amd64`, 'has nothing behind its last ":"', `${app} with a tag`],
    [`${app}:-main`, 'has a tag that begins with "-"', 'before -main; if an expression stands there'],
    ['/app:1', 'begins with "/"', 'ghcr.io/app:1; if an expression stands there'],
    [
      'https://github.com/orgs/acme/packages/container/app',
      'is the page of a package',
      'ghcr.io/acme/app:TAG',
    ],
    ['github.com/acme/app/pkgs/container/app', 'is the page of a package', 'ghcr.io/acme/app:TAG'],
    ['hub.docker.com/r/acme/app', "is a page of Docker Hub's web site", 'docker.io/acme/app:TAG'],
    ['type=raw,value=latest', 'is part of an input of docker/metadata-action', 'steps.meta.outputs.tags'],
    [`${app}:1;`, 'has ";" in it', 'one source per line'],
    [`${app}:1 \\`, 'ends with a backslash', 'the line without it'],
    ...[`${dollar}{arch}`, '{{arch}}', '{{ .Arch }}', '$ARCH', '<arch>', '%ARCH%', '$TARGETARCH'].map(
      (name) => [`${app}:1-${name}`, `has ${name} in it, which nothing replaces`, '{arch}'] as const,
    ),
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
    ['oci-layout:out', 'names an OCI layout as buildx and regctl do', 'oci:out'],
    ['oci-layout://out/app', 'names an OCI layout as buildx and regctl do', 'oci:out/app'],
    ['ocidir://out:1.0', 'names an OCI layout as buildx and regctl do', 'oci:out:1.0'],
    ['file:///tmp/out', 'is the URL of a file', 'oci:DIR'],
    ['~/out', 'begins with "~"', 'oci:DIR'],
    [`${app}:v*`, 'is a pattern', 'every name in full; {arch}'],
    ['digests/*', 'is a pattern', 'digests:digests, which reads every file of a directory'],
    ['ghcr.io/acme/*', 'is a pattern', 'every name in full; {arch}'],
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
      assert.ok(said.startsWith(`1: ${quote(text)} ${flaw}`), said);
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

describe('other items', () => {
  const table: readonly (readonly [kind: ItemKind, text: string, out: string])[] = [
    [
      'tags',
      'Object',
      `is what GitHub writes for a value that is not text (expected: the value as text, such as ${dollar}{{ steps.meta.outputs.tags }})`,
    ],
    ['tags', `-t ${app}:1`, 'has -t, an option of a command (expected: the name alone)'],
    ['tags', `${app}:v*`, 'is a pattern (expected: every name in full)'],
    [
      'tags',
      'latest',
      `is a tag without its name (expected: registry/repository:tag, such as ${app}:latest if that is the tag)`,
    ],
    ['tags', `${app}:1-{arch}`, 'has {arch}, which only `sources` replaces (expected: every tag in full)'],
    ['tags', `${app}: 1.0`, `has a space behind ":" (expected: ${app}:1.0)`],
    ['tags', `${app}:1 ${app}:2`, 'contains several items on one line (expected: one item per line'],
    ['tags', `${app}:1;${app}:2`, 'has ";" in it (expected: one item per line, or commas'],
    ['tags', 'refs/tags/v1', 'is a git ref (expected: registry/repository:tag'],
    ['tags', 'name=ghcr.io/acme/app', 'is part of an input of docker/metadata-action'],
    ['tags', 'org.opencontainers.image.title=App', 'is a label or an annotation'],
    ['tags', `docker-manifest:${app}:1`, `is a local draft (expected: ${app}:1 for the tag)`],
    ['tags', './out/app.tar', 'is a path (expected: registry/repository:tag'],
    ['image', 'docker-archive:app.tar', "is docker's own form of an archive (expected: oci-archive:FILE; "],
    ['image', 'dir:out', "is skopeo's own form of a directory"],
    ['image', '1.2.2', `is a tag without its name (expected: registry/repository:tag, such as ${app}:1.2.2 `],
    ['paths', '//digests', 'has "//" before its path (expected: oci:digests)'],
    ['image', './app.tar', 'is the path of a file (expected: oci-archive:./app.tar'],
    ['image', '~/out', 'begins with "~"'],
    ['image', `${app}:v*`, 'is a pattern (expected: the name in full)'],
    ['image', '$IMAGE', 'has $IMAGE, which only a shell replaces'],
    ['image', `“${app}:1”`, 'has typographic quotes'],
    ['image', `docker manifest inspect ${app}:1`, 'is a command'],
    ['image', `${app}:1 linux/amd64`, 'is not one name (expected: the name of one image or list; `platform`'],
    ['platforms', 'all', 'is no platform (expected: each platform in full'],
    ['platforms', 'linux/amd64/', 'ends with "/" (expected: linux/amd64)'],
    ['platforms', 'linux/amd64;linux/arm64', 'has ";" in it'],
    ['platforms', `${app}:1`, 'has the form of an image (expected: a platform'],
    [
      'annotations',
      '{"a.b":"c d"}',
      'is JSON (expected: one annotation per line, without quotes and brackets, as in a.b=c d)',
    ],
    ['annotations', '"a.b": "c",', 'is a line of JSON (expected: a.b=c)'],
    ['annotations', '[', 'is JSON (expected: one annotation per line'],
    ['annotations', 'a.b: c: d', 'has no "=" (expected: a.b=c: d)'],
    ['annotations', 'index: a.b=c', 'has a space behind its level (expected: index:a.b=c)'],
    ['annotations', 'a.b = c', 'has a space before "=" (expected: a.b=c)'],
    ['annotations', '--annotation a.b=c', 'begins with an option of a command (expected: a.b=c)'],
    ['patterns', '^v\\d+$', 'is a regular expression (expected: a pattern such as v*'],
    ['patterns', 'refs/tags/v*', 'is a git ref (expected: v*)'],
    ['patterns', `${app}:v*`, 'has a repository in it (expected: v* alone)'],
    ['registries', '*.example', 'stands for several hosts'],
    ['registries', '10.0.0.0/8', 'stands for several hosts'],
    ['registries', 'http://reg.example:5000/v2', 'is a URL (expected: reg.example:5000)'],
    ['registries', 'reg.example/acme', 'has a path (expected: reg.example)'],
    ['digests', `${app}@sha256:${hex}`, `has a name before its digest (expected: sha256:${hex})`],
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
      const said = found === undefined ? '' : formatFlaw(found);
      assert.ok(said.slice(quote(text).length + 1).startsWith(out), said);
    });

  it('unknown texts stay unknown', () => {
    for (const text of ['ghcr.io/Acme', 'linux/', 'amd64'])
      assert.equal(foreignForm(text, 'platforms'), undefined);
  });
});
