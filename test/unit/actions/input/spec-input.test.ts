import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parseSpec } from '../../../../src/actions/input/spec-input.ts';

/** A list as `input@line: text` of each line of each input. */
async function listsOf(text: string): Promise<readonly (readonly string[])[]> {
  const { lists, problems } = await parseSpec(text);
  assert.deepEqual(problems, []);
  return lists.map(({ inputs }) =>
    [...inputs].flatMap(([name, value]) =>
      value.text.split('\n').map((row, at) => `${name}@${value.lines[at]}: ${row}`),
    ),
  );
}

async function problemsOf(text: string): Promise<readonly string[]> {
  const { problems } = await parseSpec(text);
  return problems.map(({ input, line, message }) => `${input} ${line}: ${message}`);
}

describe('a spec with the names of the inputs', () => {
  const table: readonly (readonly [name: string, given: string, out: readonly (readonly string[])[]])[] = [
    [
      'text, blocks and lists',
      `# two images
- tags: ghcr.io/acme/app:1, ghcr.io/acme/app:latest
  sources: |
    ghcr.io/acme/app:1-amd64
    # a comment

    ghcr.io/acme/app:1-arm64 linux/arm64
- tags:
    - ghcr.io/acme/tool:1
  sources: ["ghcr.io/acme/tool:1-{arch}"]
  platforms: [linux/amd64, linux/arm64]
  prefer-index: false
  duplicate-platforms: last
`,
      [
        [
          'tags@2: ghcr.io/acme/app:1, ghcr.io/acme/app:latest',
          'sources@4: ghcr.io/acme/app:1-amd64',
          'sources@5: # a comment',
          'sources@6: ',
          'sources@7: ghcr.io/acme/app:1-arm64 linux/arm64',
          'sources@8: ',
        ],
        [
          'tags@9: ghcr.io/acme/tool:1',
          'sources@10: ghcr.io/acme/tool:1-{arch}',
          'platforms@11: linux/amd64',
          'platforms@11: linux/arm64',
          'prefer-index@12: false',
          'duplicate-platforms@13: last',
        ],
      ],
    ],
    ['one list without a dash', 'tags: a/b:1\nsources: a/b:2\n', [['tags@1: a/b:1', 'sources@2: a/b:2']]],
    ['JSON', '[{"tags": ["a/b:1"], "sources": ["a/b:2"]}]', [['tags@1: a/b:1', 'sources@1: a/b:2']]],
    [
      'text as it is written, whatever YAML would make of it',
      '{tags: a/b:1.10, sources: 0x1F, format: on, annotations: {a: 1.0, b: yes, "c": ""}}',
      [
        [
          'tags@1: a/b:1.10',
          'sources@1: 0x1F',
          'format@1: on',
          'annotations@1: a=1.0',
          'annotations@1: b=yes',
          'annotations@1: c=',
        ],
      ],
    ],
    [
      'empty values, which mean the default',
      'tags: a/b:1\nsources: a/b:2\nplatforms:\nformat: ""\nannotations: []\n',
      [['tags@1: a/b:1', 'sources@2: a/b:2']],
    ],
    [
      'anchors and aliases',
      '- tags: a/b:1\n  sources: &s\n    - a/b:{arch}\n  platforms: &p [linux/amd64]\n- tags: a/c:1\n  sources: *s\n  platforms: *p\n',
      [
        ['tags@1: a/b:1', 'sources@3: a/b:{arch}', 'platforms@4: linux/amd64'],
        ['tags@5: a/c:1', 'sources@3: a/b:{arch}', 'platforms@4: linux/amd64'],
      ],
    ],
    [
      'a folded block, which is one line',
      'tags: a/b:1\nsources: >-\n  a/b:2\n  linux/amd64\n',
      [['tags@1: a/b:1', 'sources@2: a/b:2 linux/amd64']],
    ],
  ];
  for (const [name, input, out] of table) it(name, async () => assert.deepEqual(await listsOf(input), out));
});

describe("manifest-tool's file", () => {
  it('is taken as it is', async () => {
    const file = `image: myprivreg:5000/someimage:latest
tags: ["1.0.0", "1.0", "1"]
annotations:
  org.opencontainers.image.title: some image
manifests:
  -
    image: myprivreg:5000/someimage:arm64
    platform:
      architecture: arm64
      os: linux
      variant: v8
  -
    image: myprivreg:5000/someimage:windows
    platform:
      architecture: amd64
      os: windows
      os.version: 10.0.20348.2340
      os.features: [win32k]
  - image: myprivreg:5000/someimage:s390x
`;
    assert.deepEqual(await listsOf(file), [
      [
        'tags@1: myprivreg:5000/someimage:latest',
        'tags@2: myprivreg:5000/someimage:1.0.0',
        'tags@2: myprivreg:5000/someimage:1.0',
        'tags@2: myprivreg:5000/someimage:1',
        'sources@7: myprivreg:5000/someimage:arm64 arch=arm64 os=linux variant=v8',
        'sources@13: myprivreg:5000/someimage:windows arch=amd64 os=windows os-version=10.0.20348.2340 os-features=win32k',
        'sources@19: myprivreg:5000/someimage:s390x',
        'annotations@4: index:org.opencontainers.image.title=some image',
      ],
    ]);
  });
  const source = async (image: string, platform: string) => {
    const [lines = []] = await listsOf(
      `image: a/b:1\nmanifests: [{image: "${image}", platform: {${platform}}}]`,
    );
    return lines.at(-1)?.replace('sources@2: ', '').split(' ')[0];
  };
  const table = [
    ['foo/bar-ARCH:v1', 'os: linux, architecture: s390x', 'foo/bar-s390x:v1'],
    ['foo/bar-ARCHVARIANT:v1', 'os: linux, architecture: amd64', 'foo/bar-amd64:v1'],
    ['foo/bar-ARCHVARIANT:v1', 'os: linux, architecture: arm, variant: v5', 'foo/bar-armv5:v1'],
    ['foo/bar:OS-ARCH', 'os: linux, architecture: arm64', 'foo/bar:linux-arm64'],
    ['foo/bar:OS_ARCH', 'os: linux, architecture: arm64', 'foo/bar:linux_arm64'],
    ['foo/bar:CentOS-7', 'os: linux, architecture: arm64', 'foo/bar:CentOS-7'],
    ['foo/bar:ARCHIVE', 'os: linux, architecture: arm64', 'foo/bar:ARCHIVE'],
  ] as const;
  for (const [image, platform, out] of table)
    it(`${image} → ${out}`, async () => assert.equal(await source(image, platform), out));

  it('may list tags only', async () => {
    const [lines] = await listsOf('image: acme/app\ntags: [1, 2]\nmanifests: [{image: acme/app:a}]');
    assert.deepEqual(lines?.slice(0, 2), ['tags@2: acme/app:1', 'tags@2: acme/app:2']);
  });
  it('stands beside lists of the other form', async () => {
    const lists = await listsOf(
      '- {image: a/b:1, manifests: [{image: a/b:2}]}\n- {tags: a/c:1, sources: a/c:2}',
    );
    assert.equal(lists.length, 2);
  });
  it('loses the features of a CPU with a warning', async () => {
    const { warnings, lists } = await parseSpec(
      'image: a/b:1\nmanifests:\n  - image: a/b:2\n    platform: {os: linux, architecture: amd64, features: [sse4]}',
    );
    assert.equal(lists[0]?.inputs.get('sources')?.text, 'a/b:2 os=linux arch=amd64');
    assert.deepEqual(warnings, [
      {
        input: 'spec',
        line: 4,
        message: 'platform features are ignored, because no client reads them',
      },
    ]);
  });
});

const known =
  'tags, sources, platforms, annotations, format, prefer-index, attestations, amend, platform-mismatch, revision-mismatch, duplicate-platforms, removed-platforms, immutable-tags, forward-only-tags, optional';

describe('slips, each in words of its own', () => {
  const table: readonly (readonly [name: string, given: string, out: readonly string[]])[] = [
    ['a tab', '- tags: a/b:1\n\tsources: a/b:2\n', ['spec 2: is indented with a tab; write spaces']],
    [
      'another document',
      '---\n- tags: a/b:1\n  sources: a/b:2\n---\n- tags: a/c:1\n  sources: a/c:2\n',
      ['spec 4: begins another YAML document; remove the line, and write all entries as one list'],
    ],
    [
      'a pair behind annotations',
      '- tags: a/b:1\n  sources: a/b:2\n  annotations: title: App\n',
      ['spec 3: has a pair behind "annotations:"; write it as key=value, or on a line below'],
    ],
    [
      'a tab in a block',
      '- tags: |\n\t\ta/b:1\n  sources: a/b:2\n',
      ['spec 2: is indented with a tab; write spaces'],
    ],
    [
      'columns of keys, of two entries',
      '- tags: a/b:1\n   sources: a/b:2\n- tags: a/c:1\n sources: a/c:2\n',
      [
        'spec 2: begins in column 4, and the other keys of its entry in column 3',
        'spec 4: begins in column 2, and the other keys of its entry in column 3',
      ],
    ],
    [
      'columns of dashes',
      '  - tags: a/b:1\n    sources: a/b:2\n - tags: a/c:1\n   sources: a/b:2\n',
      ['spec 3: begins in column 2, and the dashes of the other entries in column 3'],
    ],
    ['no space behind a key', '- tags: a/b:1\n  sources:a/b:2\n', ['spec 2: has no space behind "sources:"']],
    ['no space behind a dash', '-tags: a/b:1\n sources: a/b:2\n', ['spec 1: has no space behind "-"']],
    [
      'a star',
      '- tags: a/b:1\n  sources: a/b:2\n  immutable-tags: *\n',
      ['spec 3: has a value that begins with "*", which YAML reads as an alias; put it in quotes'],
    ],
    [
      'a star with more behind it',
      '- tags: a/b:1\n  sources: a/b:2\n  immutable-tags: *.*\n',
      ['spec 3: has an alias without its anchor; put a value that begins with "*" in quotes'],
    ],
    [
      'an at',
      'tags: @x\nsources: a/b:2',
      ['spec 1: has a value that begins with "@", which YAML reserves; put it in quotes'],
    ],
    [
      'braces',
      'tags: a/b:1\nsources:\n  - {arch}/b:1',
      ['spec 3: has a value that begins with "{", which YAML reads as a mapping; put it in quotes'],
    ],
    [
      'a colon',
      'tags: a/b:1\nsources: a/b:2\nannotations: a=b: c',
      ['spec 3: has a colon and a space in its value; put the value in quotes'],
    ],
    ['a quotation mark', 'tags: "a/b:1\nsources: a/b:2', ['spec 1: has a quotation mark that is not closed']],
    [
      'an output with several lines, behind its key',
      '- tags: a/b:1\na/b:2\n  sources: a/b:3',
      [
        'spec 2: begins in column 1, but continues the value above it; for an expression with several lines, write "|" behind the key and the expression alone on the next line',
      ],
    ],
    [
      'empty values, on their lines',
      '- sources:\n  tags: |\n\n- tags: a/b:1\n  sources: []',
      [
        ...[
          'spec 2: list 1: tags is empty; ',
          'spec 1: list 1: sources is empty; ',
          'spec 5: list 2: sources is empty; ',
        ].map(
          (start) =>
            `${start}check that the output in its place is set, or write \`optional: true\` to leave such a list out`,
        ),
      ],
    ],
  ];
  for (const [name, input, out] of table)
    it(name, async () => assert.deepEqual(await problemsOf(input), out));
});

describe('outputs with several lines, as GitHub puts them in', () => {
  const table: readonly (readonly [name: string, given: string, out: readonly string[]])[] = [
    [
      "docker/metadata-action's tags in a block",
      '- tags: |\n    a/b:1\na/b:2\n  sources: a/b:3\n',
      ['tags@2: a/b:1', 'tags@3: a/b:2', 'tags@4: ', 'sources@4: a/b:3'],
    ],
    [
      'in an entry without a dash',
      'tags: |\n  a/b:1\na/b:2\nsources: a/b:3\n',
      ['tags@2: a/b:1', 'tags@3: a/b:2', 'tags@4: ', 'sources@4: a/b:3'],
    ],
    [
      'its annotations',
      '- tags: a/b:1\n  sources: a/b:3\n  annotations: |\n    manifest:a=b\nmanifest:c=d e\n',
      [
        'tags@1: a/b:1',
        'sources@2: a/b:3',
        'annotations@4: manifest:a=b',
        'annotations@5: manifest:c=d e',
        'annotations@6: ',
      ],
    ],
    [
      'a list of toJSON',
      '- tags: [\n  "a/b:1",\n  "a/b:2"\n]\n  sources: a/b:3\n',
      ['tags@2: a/b:1', 'tags@3: a/b:2', 'sources@5: a/b:3'],
    ],
  ];
  for (const [name, input, out] of table) it(name, async () => assert.deepEqual(await listsOf(input), [out]));
});

describe('optional lists', () => {
  it('are left out when their tags or sources are empty', async () => {
    const { lists, problems, notes } = await parseSpec(
      '- {tags: "", sources: a/b:2, optional: true}\n- {tags: a/b:1, sources: [], optional: "true"}\n- {tags: a/c:1, sources: a/c:2, optional: true}',
    );
    assert.deepEqual(problems, []);
    assert.deepEqual(
      lists.map(({ number }) => number),
      [3],
    );
    assert.deepEqual(
      notes.map(({ line, message }) => `${line}: ${message}`),
      [
        '1: list 1: left out: it is optional, and its tags are empty',
        '2: list 2: left out: it is optional, and its sources are empty',
      ],
    );
  });
  it('need the keys all the same', async () =>
    assert.deepEqual(await problemsOf('{tags: a/b:1, optional: true}'), ['spec 1: list 1: has no sources']));
  it('an empty item of sources is a warning', async () => {
    const { warnings } = await parseSpec('tags: a/b:1\nsources:\n  - a/b:2\n  -\n');
    assert.deepEqual(warnings, [
      { input: 'spec', line: 4, message: 'an item of sources is empty, and is ignored' },
    ]);
  });
});

describe('what is refused', () => {
  const expected = 'expected a list of entries with tags and sources, or with image and manifests';
  const table: readonly (readonly [name: string, given: string, out: readonly string[]])[] = [
    ['nothing', '', [`spec 1: list 1: is text; ${expected}`]],
    ['an empty list', '\n[]', [`spec 2: lists nothing to publish; ${expected}`]],
    ['a text', '- a/b:1', [`spec 1: list 1: is text; ${expected}`]],
    ['a list in a list', '- - a', [`spec 1: list 1: is a list; ${expected}`]],
    [
      'several documents',
      'a: 1\n---\nb: 2',
      ['spec 2: has several YAML documents; write one list of entries'],
    ],
    [
      'an unknown alias, without its name',
      'tags: *secret',
      [
        'spec 1: has an alias without its anchor; put a value that begins with "*" in quotes',
        'spec 1: list 1: has no sources',
      ],
    ],
    [
      'everything at once',
      '- tags: a/b:1\n  sorces: a/b:2\n  push: false\n- sources: a/b:3\n  format: [oci]\n- tags: {a: b}\n  sources: a/b:4\n',
      [
        `spec 2: list 1: "sorces" is not known; expected one of ${known}, or image and manifests`,
        'spec 3: list 1: push is for the whole step; set it as an input of the step',
        'spec 1: list 1: has no sources',
        'spec 5: list 2: format is a list; write one value',
        'spec 4: list 2: has no tags',
        'spec 6: list 3: tags is a mapping; write one item per line, or a list',
      ],
    ],
    [
      'a key given twice, with both lines',
      'tags: a/b:1\nsources: a/b:2\ntags: a/b:3\n',
      ['spec 3: list 1: "tags" is given a second time; the first is on line 1'],
    ],
    [
      'a tag in two lists, with both places',
      '- tags: |\n    acme/app:1\n    acme/app:2\n  sources: a/b:1\n- tags: [x/y:1, "docker.io/acme/app:2"]\n  sources: a/b:1\n',
      ['spec 5: list 2: docker.io/acme/app:2 is already a tag of list 1 (line 3)'],
    ],
    [
      'a tag twice in one list',
      'tags: a/b:1, a/b:1\nsources: a/b:2',
      ['spec 1: list 1: docker.io/a/b:1 is already a tag of list 1 (line 1)'],
    ],
    [
      'a source with braces',
      'tags: a/b:1\nsources:\n  - {digest: x}',
      ['spec 3: list 1: sources has a mapping among its items; write text, in quotes where it has braces'],
    ],
    [
      'an item of two lines',
      'tags: a/b:1\nsources:\n  - |\n    a\n    b',
      ['spec 3: list 1: an item of sources has several lines; write one value'],
    ],
    [
      'a value of two lines',
      'tags: a/b:1\nsources: a/b:2\nformat: |\n  oci\n  docker',
      ['spec 3: list 1: format has several lines; write one value'],
    ],
    ['a YAML tag', 'tags: !!binary YQ==\nsources: a/b:2', ['spec 1: has a YAML tag; write plain text']],
    [
      'a merge key',
      '- &a\n  tags: a/b:1\n  sources: a/b:2\n- <<: *a\n  tags: a/b:3',
      [
        `spec 4: list 2: "<<" is not known; expected one of ${known}, or image and manifests`,
        'spec 4: list 2: has no sources',
      ],
    ],
    [
      'what may be a secret, without quoting it',
      'TOKEN=hunter2 x: 1',
      [
        `spec 1: list 1: a key is not known; expected one of ${known}, or image and manifests`,
        'spec 1: list 1: has no tags',
        'spec 1: list 1: has no sources',
      ],
    ],
    [
      'both forms in one',
      'image: a/b:1\nsources: a/b:2',
      [
        `spec 2: list 1: "sources" is not known in manifest-tool's form; expected one of image, tags, manifests, annotations`,
        'spec 1: list 1: has no manifests',
      ],
    ],
    [
      "problems of manifest-tool's form",
      `- image: acme/app
  manifests:
    - image: acme/app:{{.Tag}}
      platform: {os: linux, cpu: amd64}
    - platform: {os: linux}
    - acme/app:2
    - image: acme/app:ARCH
    - image: acme/app:1
      platform: linux/amd64
    - image: "acme/app:1 os=windows"
- image: acme/app@sha256:${'0'.repeat(64)}
  manifests: acme/app:1
- image: Acme/app:1
  manifests: []
`,
      [
        'spec 1: list 1: image "acme/app" has no tag',
        'spec 3: list 1: image "acme/app:{{.Tag}}" is a Go template; write its value instead',
        'spec 4: list 1: "cpu" is not known in manifest-tool\'s form; expected one of os, architecture, variant, os.version, osversion, os.features, osfeatures, features',
        'spec 5: list 1: an entry of manifests has no image',
        'spec 6: list 1: manifests has text in it; expected image and platform',
        'spec 7: list 1: "acme/app:ARCH" has ARCH in it (expected: a platform with os and architecture)',
        'spec 9: list 1: platform is text; expected os and architecture',
        'spec 10: list 1: image "acme/app:1 os=windows" contains white space or a quotation mark',
        `spec 11: list 2: image "acme/app@sha256:${'0'.repeat(64)}" has a digest; write a tag`,
      ],
    ],
    [
      'too many lists',
      '- x\n'.repeat(257),
      [
        'spec 1: has 257 lists; publish at most 256 in one step',
        ...Array.from({ length: 256 }, (_, at) => `spec ${at + 1}: list ${at + 1}: is text; ${expected}`),
      ],
    ],
    ['too large a text', ' '.repeat(600_000), ['spec 1: has 600000 characters; a spec has at most 524288']],
    [
      'nested too deep',
      '['.repeat(30) + ']'.repeat(30),
      [
        'spec 1: is nested more than 12 levels deep; expected a list of entries with tags and sources, or with image and manifests',
      ],
    ],
  ];
  for (const [name, input, out] of table)
    it(name, async () => {
      const problems = await problemsOf(input);
      if (name.startsWith('problems of')) assert.deepEqual(problems.slice(0, out.length), out);
      else assert.deepEqual(problems, out);
    });
  it('aliases that multiply', async () => {
    const levels = Array.from(
      { length: 9 },
      (_, at) => `- &a${at + 1} [${Array(9).fill(`*a${at}`).join(',')}]`,
    );
    assert.deepEqual(await problemsOf(`- &a0 [x]\n${levels.join('\n')}`), [
      'spec 2: has more than 50000 values; expected a list of entries with tags and sources, or with image and manifests',
    ]);
  });
  it('an alias in itself', async () =>
    assert.match((await problemsOf('- &a [*a]')).join(), /nested more than 12 levels deep/));
});
