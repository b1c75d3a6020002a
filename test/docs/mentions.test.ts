import assert from 'node:assert/strict';
import { existsSync, readdirSync } from 'node:fs';
import { dirname, join, posix } from 'node:path';
import { describe, test } from 'node:test';
import { errorCodes } from './error-codes.ts';
import { anchorOf, codeOf, headingsOf, linksOf, page, pages, root } from './markdown.ts';
import { ownActions } from './workflow/own-actions.ts';

/** Names with a hyphen that are no input or output of this action: words of other tools, of source lines and of the reusable workflow. */
const otherNames = wordsOf(
  'merge-multiple if-no-files-found subject-name subject-digest push-to-registry proxy-authorization os-version os-features ' +
    'linux-arm-v7 build-args emulation-runner index-annotations extra-images base-image ecr-login id-token',
);

/** Words in capitals that are no error code: variables, verbs of HTTP, what stands for something else. */
const otherCapitals = wordsOf(
  'DOCKER_CONFIG DOCKER_AUTH_CONFIG NODE_EXTRA_CA_CERTS HTTP_PROXY HTTPS_PROXY NO_PROXY PATH OWNER CODEOWNERS OS ARCH VARIANT ARCHVARIANT',
);

const ownNames = new Set(
  [...ownActions.values()].flatMap(({ inputs, outputs }) => [
    ...Object.keys(inputs),
    ...Object.keys(outputs),
  ]),
);

const codes = new Set(errorCodes());

for (const each of pages)
  describe(each.path, () => {
    test('names only inputs and outputs that there are', () => {
      const named = codeOf(each).flatMap((text) => /^([a-z]+(?:-[a-z]+)+)(?:: .+)?$/.exec(text)?.[1] ?? []);
      const found = named.filter((name) => !ownNames.has(name) && !otherNames.has(name));
      assert.deepEqual(found, []);
    });

    // Tests have variables of their own.
    test('names only error codes that there are', { skip: each.path.startsWith('test/') }, () => {
      const named = codeOf(each).filter((text) => /^[A-Z][A-Z_]+$/.test(text));
      assert.deepEqual(
        named.filter((name) => !codes.has(name) && !otherCapitals.has(name) && !name.startsWith('GITHUB_')),
        [],
      );
    });

    test('names only files that there are', () => {
      const named = codeOf(each).filter((text) =>
        /^(?:src|docs|test|bench|dist|\.github|\.ci)\/[\w./-]*$/.test(text),
      );
      const found = named.filter((name) => !existsSync(join(root, name)));
      assert.deepEqual(found, []);
    });

    test('has links that lead somewhere', () => {
      const inHtml = [...each.text.matchAll(/ (?:src|srcset|href)="([^"]+)"/g)].map(
        ([, target = '']) => target,
      );
      const broken = [...linksOf(each), ...inHtml].filter(
        (target) => !/^https:\/\//.test(target) && !leads(target, each.path),
      );
      assert.deepEqual(broken, []);
    });
  });

test('every picture is shown on a page', () => {
  const files = readdirSync(join(root, 'docs', 'images'));
  assert.deepEqual(
    files.filter((file) => !pages.some(({ text }) => text.includes(`docs/images/${file}"`))),
    [],
  );
});

function leads(target: string, from: string): boolean {
  const [path = '', anchor] = target.split('#');
  const file = path === '' ? from : posix.join(dirname(from), path);
  if (anchor === undefined) return existsSync(join(root, file));
  return headingsOf(page(file)).map(anchorOf).includes(anchor);
}

function wordsOf(text: string): ReadonlySet<string> {
  return new Set(text.split(' '));
}
