/** What the pages say of the action's behaviour is what a test shows: each claim stands on its page, and its test exists. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { page, root } from './markdown.ts';

/** A part of a sentence, the file below `test/`, and a part of the test's name. */
type Claim = readonly [sentence: string, file: string, name: string];

const known = 'scenarios/credentials/known-token-servers.test.ts';
const entries = 'scenarios/trust/entries';
const exchange = 'scenarios/trust/exchange';
const proof = 'scenarios/purge/proof.test.ts';
const github = 'scenarios/purge/github.test.ts';
const order = 'unit/credentials/login-order.test.ts';
const assembled = 'unit/pipeline/assemble.test.ts';
const memory = 'scenarios/trust/endurance/manifest-memory.test.ts';

const claims: Readonly<Record<string, readonly Claim[]>> = {
  'docs/INPUTS.md': [
    ['no credential store is used', order, 'an empty helper for a host switches the store off'],
    [
      'the log has a line for each step of the search',
      'scenarios/trust/words/helper-messages.test.ts',
      'each step of the search for a login is a line of the debug log',
    ],
    [
      'the token servers of GHCR, Docker Hub, Quay, GitLab, Google and Azure',
      'unit/auth/known-token-servers.test.ts',
      '`knownChallenge: ',
    ],
    [
      'A line that starts with `#` is a comment',
      'unit/sources/input/parse-sources.test.ts',
      'blank lines and comments count as lines',
    ],
    [
      'An empty input means its default',
      'scenarios/trust/words/pasted-input.test.ts',
      'inputs that are there and empty mean their defaults',
    ],
    [
      'A helper that fails affects only its own registry',
      'scenarios/credentials/credential-programs.test.ts',
      'a broken helper fails only its own registry',
    ],
    [
      'the key with the longest path that contains the repository',
      order,
      'a key with a path serves the repositories under it',
    ],
    [
      'If the registry names another token server, the action uses that one',
      known,
      'the registry names another token server, and the known one',
    ],
    ['reads `HTTPS_PROXY`', 'scenarios/network/proxy.test.ts', '`HTTPS_PROXY is '],
    [
      'requests a token that can push, but only reads with it',
      'scenarios/main/dry-run.test.ts',
      'a dry run asks for the right to push once, after it has read',
    ],
  ],
  'docs/MIGRATING.md': [
    [
      'This action copies them as referrers',
      'scenarios/copy/copy-attestations.test.ts',
      'attestations: drop copies no attestations, and copies signatures',
    ],
    ['Docker images with annotations produce an OCI index', assembled, 'annotations make an OCI index'],
    [
      '`os.version` and `os.features` of Windows images are kept',
      'unit/oci/image-index.test.ts',
      'windows/amd64 with os.version and os.features',
    ],
    [
      'the same sources in the same order produce the same bytes and the same digest',
      'real/docker-bytes.test.ts',
      'pushed by `docker manifest create`, `annotate`, `push` and by the action',
    ],
    [
      'so `format: docker` then also needs `attestations: drop`',
      'scenarios/content/attestations.test.ts',
      'a Docker manifest list cannot hold attestations',
    ],
    [
      'OCI sources produce an OCI index with the same bytes and the same digest as imagetools',
      'unit/pipeline/assemble.test.ts',
      'as imagetools normalises it',
    ],
    [
      'or the tag itself as the first source',
      'scenarios/trust/words/outputs.test.ts',
      '--append: the tag itself as the first source keeps what it holds',
    ],
    [
      'Copies of an image with another compression, as podman lists them, are kept',
      `${entries}/partial-platforms.test.ts`,
      'with both copies of a platform',
    ],
    [
      'An image that only has the annotations of an attestation is an image',
      `${entries}/attestation-claims.test.ts`,
      'an image in a layout that is annotated as an attestation is an image',
    ],
    [
      'and never for `ghcr.io`',
      'scenarios/credentials/credentials-hosts.test.ts',
      "the job's token of another GitHub server is no login for ghcr.io",
    ],
  ],
  'docs/REGISTRIES.md': [
    [
      'asks for the removal of a tag that does not exist. If the registry refuses that, nothing is removed',
      proof,
      'tags stay, with a warning: ',
    ],
    [
      'A throw-away tag that cannot be removed is named in a warning',
      proof,
      'throw-away tags that cannot be removed are named',
    ],
    [
      'or names the tag, the image and the command that sets it back',
      github,
      'a placeholder that cannot be put back is named, with what to type',
    ],
    [
      'A placeholder is never accepted as a source',
      'scenarios/purge/placeholder.test.ts',
      'is refused as a source',
    ],
    [
      'If it holds something else, it stays',
      github,
      'a tag that is pushed before the placeholder is pushed again is left',
    ],
    [
      "not needed: the action uses the job's token",
      'scenarios/credentials/credentials-hosts.test.ts',
      "the job's token logs in to ghcr.io",
    ],
  ],
  'docs/SOURCES.md': [
    ['`urls` are refused', `${entries}/entry-data.test.ts`, 'addresses to fetch it from'],
    [
      'If a digest is not in the repository',
      'unit/sources/resolve/digests.test.ts',
      'names the file of a digest that is not in the repository',
    ],
    [
      'A template can be any kind of source',
      'scenarios/sources/templates.test.ts',
      'placeholders for os, arch and variant',
    ],
    [
      '`toJSON(needs.build.outputs)`, `toJSON(needs)`',
      'scenarios/sources/source-forms.test.ts',
      'the outputs of matrix jobs, as toJSON(needs) gives them',
    ],
    [
      "write docker's own form of an archive, which is refused",
      'real/source-tools.test.ts',
      "saves archives in docker's own form, which are refused with what to type",
    ],
    [
      'the message names its file',
      'scenarios/trust/words/what-people-write.test.ts',
      'a digest of another image in the directory',
    ],
    [
      'Images of `digests:` are in the order of `platforms`',
      'scenarios/trust/words/outputs.test.ts',
      '`digests: follow platforms, ',
    ],
    [
      'Blobs are mounted within a registry',
      'scenarios/copy/copy.test.ts',
      'within a registry blobs are mounted, not moved',
    ],
    [
      'so are the tags that cosign adds to an image',
      'scenarios/copy/copy-referrers.test.ts',
      "cosign's tags go along",
    ],
    [
      'After every tag was read back, the action removes the drafts of your tags',
      'scenarios/main/purge.test.ts',
      'drafts of the published tags go, those of others stay',
    ],
    [
      'it keeps its annotations, subject and artifactType',
      `${entries}/narrowed-lists.test.ts`,
      'keeps what it says of itself, byte for byte',
    ],
  ],
  'docs/THREAT-MODEL.md': [
    [
      'A redirect to another origin removes them',
      'unit/registry/layers.test.ts',
      'is not a challenge, and gets no credentials',
    ],
    ['A token server must use https', 'unit/auth/token-server.test.ts', 'may not name '],
    [
      'a TLS failure never leads to plain HTTP for other hosts',
      'scenarios/network/tls.test.ts',
      'is not trusted, and plain HTTP not tried',
    ],
    [
      'A wrong password is sent once',
      'scenarios/credentials/tokens-wrong-password.test.ts',
      'a wrong password is shown once',
    ],
    [
      'Amazon ECR gets its password with the first request',
      known,
      'a login for Amazon ECR goes with the first request',
    ],
    [
      'are only sent to the registries of `tags`, and of `image` when inspecting',
      'scenarios/inspect/logins.test.ts',
      'HttpHeaders go to the registry of image only',
    ],
    [
      'applies to redirects of reads',
      `${exchange}/redirects.test.ts`,
      'a public registry may not redirect into the private network',
    ],
    [
      'Answers from another origin are not quoted',
      `${exchange}/redirects.test.ts`,
      'behind a redirect is not quoted',
    ],
    [
      'to cloud metadata, nothing is sent',
      'unit/run/inward-names.test.ts',
      'is refused for a public registry',
    ],
    [
      'and no others, are sent to hub.docker.com',
      'scenarios/purge/docker-hub.test.ts',
      'a login of another registry never goes to hub.docker.com',
    ],
    ['only for packages of that server', github, 'a token of another GitHub server is not used for ghcr.io'],
    [
      'masked when it has fewer than 16 characters',
      `${exchange}/masks.test.ts`,
      'a token of sixteen characters is masked',
    ],
    [
      'links in artifacts are followed only within their directory',
      `${exchange}/artifact-links.test.ts`,
      'is a link that leads outside is refused',
    ],
    [
      'a step holds at most 64 MiB of manifests',
      memory,
      'copies of more than 64 MiB of manifests are refused',
    ],
    [
      'The `index.json` of a layout has the limits of every other list',
      memory,
      'a layout is limited by what its index.json lists',
    ],
    [
      'A host that stops answering gets no more requests',
      'scenarios/trust/endurance/silent-hosts.test.ts',
      'ends the run',
    ],
    [
      'The password of a proxy is also a secret',
      'scenarios/network/proxy.test.ts',
      "the proxy's password is masked before it is used",
    ],
    [
      'characters that fonts do not show are shown as escapes',
      'unit/runner/sanitize.test.ts',
      'every code point that fonts show as nothing is shown as an escape',
    ],
  ],
};

for (const [path, made] of Object.entries(claims))
  describe(path, () => {
    const text = page(path).text.replaceAll(/\s+/g, ' ');
    for (const [sentence, file, name] of made)
      test(sentence, () => {
        assert.ok(text.includes(sentence), 'the page does not say this');
        assert.ok(readFileSync(join(root, 'test', file), 'utf8').includes(name), `${file} lacks: ${name}`);
      });
  });
