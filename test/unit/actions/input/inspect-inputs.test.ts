import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { parse } from 'yaml';
import { type InspectInputs, readInspectInputs } from '../../../../src/actions/input/inspect-inputs.ts';
import { InputError } from '../../../../src/run/errors.ts';

const action = parse(readFileSync(new URL('../../../../inspect/action.yml', import.meta.url), 'utf8')) as {
  readonly inputs: Readonly<Record<string, { readonly default?: string }>>;
};

async function read(
  given: Readonly<Record<string, string>>,
  environment: Readonly<Record<string, string>> = {},
): Promise<InspectInputs> {
  const defaults = Object.entries(action.inputs).map(([name, { default: value = '' }]) => [name, value]);
  const inputs: Record<string, string> = { ...Object.fromEntries(defaults), 'github-token': '', ...given };
  return readInspectInputs({ input: (name) => inputs[name] ?? '', environment });
}

async function problemsOf(given: Readonly<Record<string, string>>): Promise<readonly string[]> {
  try {
    await read({ image: 'ghcr.io/acme/app:1', ...given });
    return [];
  } catch (error) {
    assert(error instanceof InputError, String(error));
    return error.problems.map(({ input, message }) => `${input}: ${message}`);
  }
}

test('the image only, and the defaults of the others', async () => {
  const { request, summary } = await read({ image: 'ghcr.io/acme/app:1' });
  const { image, ...others } = request;
  assert.equal(image.locator.kind, 'reference');
  assert.equal(image.place, 'image');
  assert.equal(summary, 'write');
  assert.deepEqual(others, {
    compareWith: undefined,
    form: 'plain',
    platform: undefined,
    expectPlatforms: [],
    expectDigest: undefined,
  });
});

test('every input of inspect/action.yml is read', async () => {
  const wrong = '\u0001 x:y {';
  const unread: string[] = [];
  for (const name of Object.keys(action.inputs)) {
    if (name === 'github-token') continue;
    const problems = await problemsOf({ [name]: wrong });
    if (!problems.some((text) => text.startsWith(`${name}:`))) unread.push(name);
  }
  assert.deepEqual(unread, []);
  const { githubToken } = await read({ image: 'ghcr.io/acme/app:1', 'github-token': 'ghs_x' });
  assert.equal(githubToken, 'ghs_x');
});

test('inputs under the name of another one are refused', async () => {
  const environment = {
    'INPUT_DRY-RUN': 'true',
    'INPUT_EXPECT-PLATFORM': 'linux/amd64',
    INPUT_PLATFORM: 'x',
  };
  await assert.rejects(read({ image: 'ghcr.io/acme/app:1' }, environment), {
    message:
      'dry-run: is not an input of this action: remove it, since inspect writes nothing\nexpect-platform: is not an input of this action: write `expect-platforms`',
  });
});

test('empty inputs mean their defaults', async () => {
  const empty = Object.fromEntries(Object.keys(action.inputs).map((name) => [name, '']));
  const { request } = await read({ ...empty, image: ' ghcr.io/acme/app:1\n' });
  assert.equal(request.form, 'plain');
});

const images: readonly { name: string; in: string; out: RegExp | string }[] = [
  { name: 'a tag', in: 'alpine:3', out: 'reference' },
  { name: 'a digest', in: `ghcr.io/acme/app@sha256:${'0'.repeat(64)}`, out: 'reference' },
  { name: 'a layout', in: 'oci:out:1', out: 'oci' },
  { name: 'an archive', in: 'oci-archive:app.tar', out: 'oci-archive' },
  { name: 'a draft', in: 'docker-manifest:acme/app', out: 'docker-manifest' },
  { name: 'nothing', in: '', out: /^image: is empty; expected: registry/ },
  {
    name: 'no tag',
    in: 'alpine',
    out: /"latest" is not assumed \(expected: registry\/repository:tag, registry\/repository@sha256:…, oci:DIR/,
  },
  { name: 'capitals', in: 'ghcr.io/Acme/app:1', out: /Acme/ },
  { name: 'two images', in: 'alpine:3 alpine:4', out: /is not one name/ },
  { name: 'two images with a comma', in: 'alpine:3,alpine:4', out: /is not one name/ },
  { name: 'digests', in: 'digests:out', out: /cannot be inspected/ },
  { name: 'build metadata', in: 'metadata:out', out: /cannot be inspected/ },
  { name: 'a bare digest', in: `sha256:${'0'.repeat(64)}`, out: /cannot be inspected/ },
  { name: 'a platform template', in: 'ghcr.io/acme/app:1-{arch}', out: /\{arch\}/ },
  { name: 'an expression that was not evaluated', in: `\${{ env.IMAGE }}`, out: /image: / },
];

for (const { name, in: image, out } of images)
  test(`image: ${name}`, async () => {
    const problems = await problemsOf({ image });
    if (typeof out !== 'string') return assert.match(problems.join('\n'), out);
    assert.deepEqual(problems, []);
    const { request } = await read({ image, 'compare-with': image });
    assert.equal(request.image.locator.kind, out);
    assert.equal(request.compareWith?.place, 'compare-with');
  });
