import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { dirname, join, posix } from 'node:path';
import { describe, test } from 'node:test';
import { errorCodes } from './error-codes.ts';
import { action } from './examples.ts';
import { anchorOf, codeOf, headingsOf, linksOf, page, pages, root } from './markdown.ts';

/** Names with a hyphen that are no input or output of this action: words of other tools and of its own sources. */
const otherNames: ReadonlySet<string> = new Set([
  ...[
    'merge-multiple',
    'if-no-files-found',
    'config.json',
    'expires_in',
    'ubuntu-latest',
    'docker-registry',
    'manifest-descriptor',
  ],
  ...[
    'os-version',
    'os-features',
    'oci-archive',
    'docker-manifest',
    'linux-arm-v7',
    'fast-check',
    'app-staging',
  ],
]);

/** Words in capitals that are no error code: variables, verbs of HTTP, codes of registries. */
const otherCapitals: ReadonlySet<string> = new Set([
  ...[
    'DOCKER_CONFIG',
    'DOCKER_AUTH_CONFIG',
    'GITHUB_TOKEN',
    'NODE_EXTRA_CA_CERTS',
    'PATH',
    'OWNER',
    'FROM',
    'BASE',
  ],
  ...[
    'HTTP_PROXY',
    'HTTPS_PROXY',
    'NO_PROXY',
    'BUILDX_CONFIG',
    'GITHUB_ACTOR',
    'GITHUB_WORKSPACE',
    'RUNNER_TEMP',
  ],
  ...['GET', 'HEAD', 'PUT', 'POST', 'PATCH', 'DELETE', 'NAME', 'DIR', 'FILE', 'SOURCE', 'LIST', 'CI', 'JSON'],
  ...['MANIFEST_UNKNOWN', 'MANIFEST_BLOB_UNKNOWN', 'BLOB_UNKNOWN', 'REAL_REGISTRY_REQUIRED'],
]);

const codes = new Set(errorCodes());

for (const each of pages) {
  describe(each.path, () => {
    test('names only inputs and outputs that there are', () => {
      const named = codeOf(each).flatMap((text) => /^([a-z]+(?:-[a-z]+)+)(?:: .+)?$/.exec(text)?.[1] ?? []);
      const known = (name: string): boolean =>
        name in action.inputs || name in action.outputs || otherNames.has(name);
      assert.deepEqual(
        named.filter((name) => !known(name)),
        [],
      );
    });

    test('names only error codes that there are', () => {
      const named = codeOf(each).filter((text) => /^[A-Z][A-Z_]+$/.test(text));
      assert.deepEqual(
        named.filter((name) => !codes.has(name) && !otherCapitals.has(name)),
        [],
      );
    });

    test('names only files that there are', () => {
      const named = codeOf(each).filter((text) =>
        /^(?:src|docs|test|bench|dist|\.github|\.ci)\/[\w./-]*$/.test(text),
      );
      assert.deepEqual(
        named.filter((name) => !existsSync(join(root, name))),
        [],
      );
    });

    test('has links that lead somewhere', () => {
      const broken = linksOf(each).filter(
        (target) => !/^https:\/\//.test(target) && !leads(target, each.path),
      );
      assert.deepEqual(broken, []);
    });
  });
}

function leads(target: string, from: string): boolean {
  const [path = '', anchor] = target.split('#');
  const file = path === '' ? from : posix.join(dirname(from), path);
  if (anchor === undefined) return existsSync(join(root, file));
  return headingsOf(page(file)).map(anchorOf).includes(anchor);
}
