import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { parse } from 'yaml';
import { type Inputs, readInputs } from '../../../../src/actions/input/inputs.ts';
import { formatPlatform } from '../../../../src/oci/platform.ts';
import { formatReference } from '../../../../src/oci/reference.ts';
import type { ListRequest, PublishRequest } from '../../../../src/pipeline/request.ts';
import { InputError } from '../../../../src/run/errors.ts';

const action = parse(readFileSync(new URL('../../../../action.yml', import.meta.url), 'utf8')) as {
  readonly inputs: Readonly<Record<string, { readonly default?: string; readonly required?: boolean }>>;
};

const least = { tags: 'ghcr.io/acme/app:1', sources: 'ghcr.io/acme/app:1-amd64' };

/** Reads inputs as the runner hands them over: those given, the defaults of action.yml for the others. */
async function read(
  given: Readonly<Record<string, string>>,
  environment: Readonly<Record<string, string>> = {},
): Promise<Inputs> {
  const defaults = Object.entries(action.inputs).map(([name, { default: value = '' }]) => [name, value]);
  const inputs: Record<string, string> = { ...Object.fromEntries(defaults), 'github-token': '', ...given };
  return readInputs({ input: (name) => inputs[name] ?? '', environment, directory: '/nowhere' });
}

function soleList({ lists: [list] }: PublishRequest): ListRequest {
  assert(list);
  return list;
}

/** The problems of inputs, each as `input line: message`. */
async function problemsOf(given: Readonly<Record<string, string>>): Promise<readonly string[]> {
  try {
    await read({ ...least, ...given });
    return [];
  } catch (error) {
    assert(error instanceof InputError, String(error));
    return error.problems.map(({ input, line = '-', message }) => `${input} ${line}: ${message}`);
  }
}

test('required inputs only, and the defaults of the others', async () => {
  const { request, ...rest } = await read(least);
  const { lists, ...step } = request;
  assert.equal(lists.length, 1);
  const { tags, sources, ...others } = soleList(request);
  assert.deepEqual(tags.map(formatReference), ['ghcr.io/acme/app:1']);
  assert.equal(sources.length, 1);
  assert.deepEqual(others, {
    platforms: [],
    annotations: { index: {}, entries: [] },
    format: 'auto',
    index: 'always',
    attestations: 'keep',
    platformMismatch: 'error',
    revisionMismatch: 'warn',
    duplicatePlatforms: 'error',
    missingPlatforms: 'refuse',
    base: 'replace',
    removedPlatforms: 'warn',
    immutableTags: [],
    forwardOnlyTags: [],
  });
  assert.deepEqual(step, {
    form: 'inputs',
    missingSources: 'error',
    waitForSources: 15_000,
    mode: 'push',
    drafts: 'purge',
    sourceTags: 'keep',
    referrers: 'copy',
  });
  assert.deepEqual(rest, {
    registryAuth: [],
    credentialHelpers: [],
    insecureRegistries: new Set(),
    githubToken: '',
    summary: 'write',
    subjects: 'leave',
    warnings: [],
  });
});

const references = ['ghcr.io/acme/app:1', 'ghcr.io/acme/app:2'];
const taken: readonly (readonly [name: string, tags: string, platforms: string])[] = [
  ['a JSON array', JSON.stringify(references), '["linux/amd64", "linux/arm64"]'],
  [
    'a JSON array over several lines, as toJSON writes it',
    JSON.stringify(references, null, 2),
    '[\n"linux/amd64",\n"linux/arm64"\n]',
  ],
  ['a JSON string, as toJSON writes it', JSON.stringify(references.join('\n')), '"linux/amd64,linux/arm64"'],
  ['lines in quotes', references.map((each) => `"${each}"`).join('\n'), "'linux/amd64'\n'linux/arm64'"],
  ['quotes and commas', references.map((each) => `'${each}'`).join(', '), '"linux/amd64","linux/arm64"'],
];
for (const [name, tags, platforms] of taken)
  test(`tags and platforms: ${name}`, async () => {
    const list = soleList((await read({ ...least, tags, platforms })).request);
    assert.deepEqual(list.tags.map(formatReference), references);
    assert.deepEqual(list.platforms.map(formatPlatform), ['linux/amd64', 'linux/arm64']);
  });

test('the input that a step sets under another name is named where the right one is empty', async () => {
  const environment = {
    INPUT_TAG: 'ghcr.io/acme/app:1',
    INPUT_FORMAT: 'auto',
    INPUT_NOTE: '',
    HOME: '/root',
  };
  await assert.rejects(read({ ...least, tags: '' }, environment), {
    message:
      'tags: is empty, and the step sets "tag", which this action does not have (expected: the value as `tags`)',
  });
  await assert.rejects(
    read({ ...least, tags: 'a:1\n:' }, environment),
    /^InputError: tags line 2: ":" has no repository/,
  );
});

const misnamed: readonly (readonly [variable: string, value: string, message?: string])[] = [
  ['DRY-RUN', 'true', 'dry-run: is not an input of this action: write `push: false`'],
  [
    'DRY_RUN',
    'true',
    'dry_run: is not an input of this action: write `push: false`, or rename INPUT_DRY_RUN if `env` sets it',
  ],
  [
    'DRYRUN',
    'true',
    'dryrun: is not an input of this action: write `push: false`, or rename INPUT_DRYRUN if `env` sets it',
  ],
  ['IMMUTABLE-TAG', 'm*', 'immutable-tag: is not an input of this action: write `immutable-tags`'],
  [
    'REMOVED_PLATFORMS',
    'error',
    'removed_platforms: is not an input of this action: write `removed-platforms`, or rename INPUT_REMOVED_PLATFORMS if `env` sets it',
  ],
  ['PLATFORM', 'linux/amd64'],
  ['DRY-RUN', 'false'],
  ['PLATFORM', ' \n'],
  ['VERSION', '1'],
  ['REMOVED-PLATFORMS', 'error'],
];
for (const [variable, value, message] of misnamed)
  for (const [form, list] of Object.entries({ inputs: least, spec: { spec: JSON.stringify(least) } }))
    test(`INPUT_${variable} with ${JSON.stringify(value)}, beside ${form}`, async () => {
      const run = read(list, { [`INPUT_${variable}`]: value });
      await (message === undefined ? run : assert.rejects(run, { name: 'InputError', message }));
    });

const spec = `- tags: ghcr.io/acme/api:1
  sources: ghcr.io/acme/api:1-{arch}
  platforms: [linux/amd64, linux/arm64]
  format: oci
- image: ghcr.io/acme/web:1
  manifests:
    - image: ghcr.io/acme/web:1-arm64
      platform: {os: linux, architecture: arm64}
`;
/** As a workflow that has a spec in place of tags and sources. */
const withSpec = { tags: '', sources: '', spec };

test('a spec gives the lists, and the inputs are the defaults of each', async () => {
  const { request } = await read({ ...withSpec, format: 'docker', 'immutable-tags': '1', push: 'false' });
  assert.equal(request.form, 'spec');
  assert.equal(request.mode, 'dry-run');
  assert.deepEqual(
    request.lists.map(({ tags, sources, format, immutableTags, ...list }) => [
      tags.map(formatReference),
      sources.map(({ text, line }) => `${line}: ${text}`),
      list.platforms.map(formatPlatform),
      format,
      immutableTags.map(({ text }) => text),
    ]),
    [
      [
        ['ghcr.io/acme/api:1'],
        ['2: ghcr.io/acme/api:1-amd64', '2: ghcr.io/acme/api:1-arm64'],
        ['linux/amd64', 'linux/arm64'],
        'oci',
        ['1'],
      ],
      [['ghcr.io/acme/web:1'], ['7: ghcr.io/acme/web:1-arm64 os=linux arch=arm64'], [], 'docker', ['1']],
    ],
  );
});

const specProblems: readonly (readonly [
  name: string,
  given: Readonly<Record<string, string>>,
  out: readonly RegExp[],
])[] = [
  [
    'tags and sources beside it',
    { ...least, spec },
    [/^tags -: is set in addition to `spec`/, /^sources -: is set in addition to `spec`/],
  ],
  [
    'values, with their list and line',
    { ...withSpec, spec: spec.replace('linux/arm64', 'linux').replace('oci', 'odt') },
    [/^spec 3: list 1: platforms: /, /^spec 4: list 1: format: "odt" is not known/],
  ],
  [
    'a repeated tag, with both places',
    { ...withSpec, spec: spec.replace('acme/web:1', 'acme/api:1') },
    [/^spec 5: list 2: ghcr\.io\/acme\/api:1 is already a tag of list 1 \(line 1\)/],
  ],
  [
    'a default that is wrong for each list, once',
    { ...withSpec, 'duplicate-platforms': 'third' },
    [/^duplicate-platforms -: "third" is not known/],
  ],
  ['a file that is not there', { ...withSpec, spec: 'lists.yml' }, [/^spec -: "lists.yml" does not exist/]],
  ['a directory', { ...withSpec, spec: '/' }, [/^spec -: "\/" is not a regular file/]],
  [
    'a file of the system',
    { ...withSpec, spec: '/proc/self/mem' },
    [/^spec -: "\/proc\/self\/mem" cannot be read/],
  ],
  [
    'inputs of the step',
    { ...withSpec, spec: `${spec}  push: false\n` },
    [/^spec 9: list 2: "push" is not known in manifest-tool's form/],
  ],
];

for (const [name, given, out] of specProblems)
  test(`problems of a spec: ${name}`, async () => {
    const problems = await problemsOf(given);
    assert.equal(problems.length, out.length, problems.join('\n'));
    for (const [at, pattern] of out.entries()) assert.match(problems[at] ?? '', pattern);
  });

test('every input of action.yml is read', async () => {
  const wrong = '\u0001 x:y {';
  const unread: string[] = [];
  for (const name of Object.keys(action.inputs)) {
    if (name === 'github-token') continue;
    const problems = await problemsOf({ [name]: wrong });
    if (!problems.some((text) => text.startsWith(`${name} `))) unread.push(name);
  }
  assert.deepEqual(unread, []);
  assert.equal((await read({ ...least, 'github-token': 'ghs_x' })).githubToken, 'ghs_x');
});

const tagLists: readonly (readonly [name: string, given: string, out: readonly string[]])[] = [
  ['one per line', 'ghcr.io/a/b:1\nghcr.io/a/b:2', ['ghcr.io/a/b:1', 'ghcr.io/a/b:2']],
  [
    'commas',
    'ghcr.io/a/b:1,ghcr.io/a/b:2, ghcr.io/a/b:3',
    ['ghcr.io/a/b:1', 'ghcr.io/a/b:2', 'ghcr.io/a/b:3'],
  ],
  ['CRLF', 'ghcr.io/a/b:1\r\nghcr.io/a/b:2\r\n', ['ghcr.io/a/b:1', 'ghcr.io/a/b:2']],
  ['blank lines and comments', '\n# first, second\nghcr.io/a/b:1\n\n  # more\n', ['ghcr.io/a/b:1']],
  ['stray commas', ',ghcr.io/a/b:1,,\n,', ['ghcr.io/a/b:1']],
  ['white space around', '  ghcr.io/a/b:1\t\n', ['ghcr.io/a/b:1']],
  ['one tag twice', 'a:1,docker.io/library/a:1,index.docker.io/a:1', ['docker.io/library/a:1']],
  [
    'several registries',
    'b:1\nlocalhost:5000/c:2\n[::1]:5000/d:3',
    ['docker.io/library/b:1', 'localhost:5000/c:2', '[::1]:5000/d:3'],
  ],
];

for (const [name, text, out] of tagLists)
  test(`tags: ${name}`, async () => {
    const { request } = await read({ ...least, tags: text });
    assert.deepEqual(soleList(request).tags.map(formatReference), out);
  });

test('all forms of the other inputs', async () => {
  const { request, insecureRegistries, registryAuth, summary } = await read({
    ...least,
    platforms: 'linux/amd64\n# arm\nLinux/ARM/v7 ',
    annotations: 'org.opencontainers.image.title=a=b, c\nmanifest-descriptor[linux/arm/v7]:x=y',
    format: 'oci',
    'prefer-index': 'False',
    attestations: 'drop',
    'duplicate-platforms': 'last',
    'wait-for-sources': '2m',
    push: 'FALSE',
    purge: 'false',
    'purge-sources': 'True',
    'copy-referrers': 'false',
    'insecure-registries': 'Reg.example:5000, other.example\n10.0.0.1:80',
    'registry-auth': '- registry: ghcr.io\n  username: u\n  password: "p"',
    summary: 'false',
  });
  const { platforms, annotations, format, index, attestations, duplicatePlatforms } = soleList(request);
  assert.deepEqual(platforms.map(formatPlatform), ['linux/amd64', 'linux/arm/v7']);
  assert.deepEqual(annotations.index, { 'org.opencontainers.image.title': 'a=b, c' });
  const found = annotations.entries.map(({ key }) => key);
  assert.deepEqual(found, ['x']);
  const { waitForSources, mode, drafts, sourceTags, referrers } = request;
  assert.deepEqual(
    { format, index, attestations, duplicatePlatforms, waitForSources, mode, drafts, sourceTags, referrers },
    {
      format: 'oci',
      index: 'needed',
      attestations: 'drop',
      duplicatePlatforms: 'last',
      waitForSources: 120_000,
      mode: 'dry-run',
      drafts: 'keep',
      sourceTags: 'purge',
      referrers: 'leave',
    },
  );
  assert.deepEqual([...insecureRegistries], ['reg.example:5000', 'other.example', '10.0.0.1:80']);
  const logins = registryAuth.map(({ registry, username }) => [registry, username]);
  assert.deepEqual(logins, [['ghcr.io', 'u']]);
  assert.equal(summary, 'leave');
});

const flawed: readonly (readonly [
  name: string,
  given: Readonly<Record<string, string>>,
  out: readonly RegExp[],
])[] = [
  ['no tags', { tags: '' }, [/^tags -: lists no tag to publish/]],
  ['tags that are comments', { tags: '# later\n,\n' }, [/^tags -: lists no tag/]],
  [
    'a tag without tag',
    { tags: 'ghcr.io/acme/app' },
    [/^tags 1: "ghcr\.io\/acme\/app" has no tag \(expected: registry\/repository:tag/],
  ],
  [
    'a tag with a digest',
    { tags: `a:1@sha256:${'0'.repeat(64)}` },
    [/^tags 1: .*has a digest, but a target is a tag/],
  ],
  [
    'a JSON object',
    { tags: '{"tags":["a:1"]}' },
    [/^tags -: is a JSON object \(expected: one item per line, or/],
  ],
  ['JSON that is not closed', { tags: '["a:1"' }, [/^tags -: the document is not JSON/]],
  ['JSON of objects', { platforms: '[{"os":"linux"}]' }, [/^platforms -: \[0\] of .* is not text/]],
  ['an item of JSON', { tags: '["a:1","b"]' }, [/^tags -: \[1\]: "b" has no tag/]],
  ['what GitHub writes for an object', { tags: 'Object' }, [/^tags 1: "Object" is what GitHub writes/]],
  ['an option', { platforms: '--platform linux/amd64' }, [/^platforms 1: .* has --platform, an option/]],
  [
    'a branch',
    { tags: 'ghcr.io/acme/app:feature/login' },
    [/^tags 1: tag "feature\/login" of .* has a "\/" .*"feature-login"/],
  ],
  [
    'a branch behind a sole name',
    { tags: 'app:refs/heads/main' },
    [/^tags 1: tag "refs\/heads\/main" of .* has a "\/"/],
  ],
  ['a pull request', { tags: 'ghcr.io/acme/app:123/merge' }, [/^tags 1: tag "123\/merge" of .* has a "\/"/]],
  [
    'a tag alone',
    { tags: 'v1.2.3' },
    [/^tags 1: "v1\.2\.3" is a tag without its name .*ghcr\.io\/acme\/app:v1\.2\.3 if/],
  ],
  ['capitals', { tags: 'ghcr.io/Acme/app:1' }, [/^tags 1: .*upper-case/]],
  [
    'layouts as tags',
    { tags: 'oci-archive:app.tar\noci:out:v1\nocidir://out:v1\noci:5000/app:1' },
    [1, 2, 3].map(
      (line) =>
        new RegExp(`^tags ${line}: "oci.* is a layout: layouts are only read.*tags are in a registry`),
    ),
  ],
  ['the line, not the item', { tags: 'a:1,b:1\n\nc,d:1\nE/f:1' }, [/^tags 3: "c" has no tag/, /^tags 4: /]],
  ['a control character', { tags: 'a:1\u0001' }, [/^tags 1: /]],
  ['a carriage return within', { tags: 'a:1\rb:2' }, [/^tags 1: /]],
  ['no sources', { sources: '' }, [/^sources -: lists no source/]],
  ['an unknown word', { format: 'OCI' }, [/^format -: "OCI" is not known \(expected: auto, docker, oci\)/]],
  ['a flag', { push: 'yes' }, [/^push -: "yes" is neither true nor false/]],
  ['a duration', { 'wait-for-sources': '15' }, [/^wait-for-sources -: "15" is not a duration/]],
  ['a platform', { platforms: 'linux/amd64\n\nlinux' }, [/^platforms 3: platform "linux" /]],
  ['an annotation', { annotations: 'a=b\nc' }, [/^annotations 2: annotation "c" has no "="/]],
  [
    'an insecure registry',
    { 'insecure-registries': 'reg.example,https://x' },
    [/^insecure-registries 1: "https:\/\/x" is a URL \(expected: x\)/],
  ],
  [
    'a login',
    { 'registry-auth': '- registry: ghcr.io\n  username: u' },
    [/^registry-auth 1: password is missing/],
  ],
  [
    'everything at once',
    {
      tags: 'a\nb',
      sources: 'A/b:1\nc:1 linux',
      format: 'x',
      push: 'x',
      platforms: 'x',
      annotations: 'x',
      'wait-for-sources': 'x',
      'insecure-registries': '/',
      'registry-auth': 'x',
      summary: 'x',
    },
    [
      /^platforms 1/,
      /^tags 1/,
      /^tags 2/,
      /^sources 1/,
      /^sources 2/,
      /^annotations 1/,
      /^format -/,
      /^wait-for-sources -/,
      /^push -/,
      /^registry-auth 1/,
      /^insecure-registries 1/,
      /^summary -/,
    ],
  ],
];

for (const [name, given, out] of flawed)
  test(`problems: ${name}`, async () => {
    const problems = await problemsOf(given);
    assert.equal(problems.length, out.length, problems.join('\n'));
    for (const [at, pattern] of out.entries()) assert.match(problems[at] ?? '', pattern);
  });

const doubted: readonly (readonly [given: Readonly<Record<string, string>>, out: readonly RegExp[]])[] = [
  [
    { tags: 'a/b:1-undefined' },
    [/^tags: "a\/b:1-undefined": the tag has the word undefined, which stands for/],
  ],
  [{ tags: 'a/b:null' }, [/^tags: "a\/b:null": the tag has the word null/]],
  [{ tags: 'acme/dev-null:nullable' }, []],
  [
    { annotations: '["a.b=c"]' },
    [/^annotations: "\[\\"a\.b=c\\"\]" is JSON, and is published with the key /],
  ],
  [
    { 'immutable-tags': 'true' },
    [/^immutable-tags: "true" matches none of the tags to publish; write the names/],
  ],
  [{ 'forward-only-tags': 'False' }, []],
  [
    { 'insecure-registries': 'true' },
    [/^insecure-registries: "true" is read as a host; write host or host:port$/],
  ],
];
for (const [given, out] of doubted)
  test(`accepted, and doubted: ${JSON.stringify(given)}`, async () => {
    const { warnings } = await read({ ...least, ...given });
    assert.equal(warnings.length, out.length, warnings.join('\n'));
    for (const [at, pattern] of out.entries()) assert.match(warnings[at] ?? '', pattern);
  });

test('problems show no control characters and no whole megabyte', async () => {
  const problems = await problemsOf({
    tags: `a\u001b[31m${'x'.repeat(1_000_000)}`,
    format: '\u202e::error::',
  });
  for (const text of problems) {
    assert.doesNotMatch(text, /[\u0000-\u001f\u202e]/);
    assert(text.length < 1000);
  }
  assert.equal(problems.length, 2);
});

test('a login’s text is in no problem', async () => {
  for (const text of [
    '- registry: a b\n  username: u\n  password: hunter2',
    'password: hunter2',
    '- [hunter2',
    'hunter2: {',
  ]) {
    const problems = await problemsOf({ 'registry-auth': text });
    assert(problems.length > 0);
    assert.doesNotMatch(problems.join('\n'), /hunter2/);
  }
});

test('a list may have 300 tags', async () => {
  const many = Array.from({ length: 300 }, (_, n) => `ghcr.io/acme/app:v${n}`).join(',');
  assert.equal(soleList((await read({ ...least, tags: many })).request).tags.length, 300);
});
