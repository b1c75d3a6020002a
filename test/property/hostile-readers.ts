/** Every function that reads text of other people, and a thread in which it reads hostile text. */
import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parentPort } from 'node:worker_threads';
import { parseCredentialHelper } from '../../src/actions/input/credential-helper-line.ts';
import { splitList } from '../../src/actions/input/input-list.ts';
import { parseDuration } from '../../src/actions/input/input-value.ts';
import { parseRegistryAuth } from '../../src/actions/input/registry-auth-input.ts';
import { parseSpec } from '../../src/actions/input/spec-input.ts';
import { compactJson } from '../../src/actions/outputs.ts';
import { markdownCode, markdownMessage, withoutSecrets } from '../../src/actions/summary/markdown.ts';
import { parseChallenges } from '../../src/auth/challenge.ts';
import { parseScope } from '../../src/auth/scope.ts';
import { redactHelperWords } from '../../src/credentials/credential-helper.ts';
import { parseDockerConfig, storedPair } from '../../src/credentials/docker-config.ts';
import { parseLoginScope } from '../../src/credentials/login-scope.ts';
import { retryAfter } from '../../src/http/rate-limit.ts';
import { parseAnnotation } from '../../src/oci/annotations.ts';
import { isDigest, parseDigest } from '../../src/oci/digest.ts';
import { FormatError, quote } from '../../src/oci/format-error.ts';
import { parseJsonDocument } from '../../src/oci/json-document.ts';
import { essence } from '../../src/oci/media-types.ts';
import { parsePlatform } from '../../src/oci/platform.ts';
import { isLoopbackRegistry, parseReference } from '../../src/oci/reference.ts';
import { matchesTagGlob, parseTagGlob } from '../../src/policy/tag-glob.ts';
import { parseWindowsBuild } from '../../src/policy/windows-build.ts';
import { errorCodes } from '../../src/registry/refusal.ts';
import { ActionError, type InputProblem } from '../../src/run/errors.ts';
import { visible } from '../../src/run/visible.ts';
import { ArtifactSubjects } from '../../src/runner/artifact-subjects.ts';
import { sanitizeJson, sanitizeLine } from '../../src/runner/sanitize.ts';
import { foreignForm } from '../../src/sources/explanation.ts';
import { parseSources } from '../../src/sources/input/parse-sources.ts';
import { parsePaxRecords } from '../../src/sources/layout/tar-entries.ts';
import { similarTag } from '../../src/sources/resolve/similar-tag.ts';
import { platforms } from '../support/rigs/source-parsing.ts';
import { answer, Told } from '../support/rigs/wire-rig.ts';

/** One function, and the hostile text that only its grammar knows: `before`, a unit many times, `after`. */
interface Reader {
  /** Reads the text; returns what is shown to a user, if anything. */
  readonly read: (text: string) => unknown;
  readonly hostile?: readonly Hostile[];
  /** The characters of a text that needs no grammar, where 10⁶ would take seconds. */
  readonly length?: number;
}
type Hostile = readonly [unit: string, before?: string, after?: string];

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const messages = (problems: readonly InputProblem[]): readonly string[] =>
  problems.map(({ message }) => message);
const yaml: readonly Hostile[] = [['- '], ['a: '], ['&a '], ['- a\n'], ['*a ,', '- &a x\n- [', ']']];
const always = parseTagGlob('*a'.repeat(128));

export const readers: Readonly<Record<string, Reader>> = {
  parseReference: {
    read: parseReference,
    hostile: [
      ['a', 'ghcr.io/', '\0'],
      ['a', 'ghcr.io/a:'],
      ['a', 'ghcr.io/a@sha256:'],
      [':', '[', ']:5000/a'],
    ],
  },
  isLoopbackRegistry: { read: isLoopbackRegistry, hostile: [['0.', '127.']] },
  parseDigest: { read: parseDigest, hostile: [['0', 'sha256:']] },
  isDigest: { read: isDigest, hostile: [['0', 'sha256:']] },
  parsePlatform: { read: parsePlatform, hostile: [['a', 'linux/', '/v7']] },
  parseAnnotation: {
    read: parseAnnotation,
    hostile: [
      ['a', 'manifest-descriptor[', ']:k=v'],
      ['index,', 'index:', '=v'],
    ],
  },
  essence: { read: essence, hostile: [['a', 'text/', '; a=b']] },
  quote: { read: quote },
  parseJsonDocument: {
    read: (text) => void parseJsonDocument(bytes(text)),
    hostile: [
      ['\\', '{"a":"', '"}'],
      ['{"a":', ''],
      ['[],', '[', '0]'],
      ['"a":0,', '{'],
    ],
  },
  parseTagGlob: { read: parseTagGlob },
  'matchesTagGlob of a tag': { read: (text) => matchesTagGlob(always, text), hostile: [['a', '', 'b']] },
  parseWindowsBuild: { read: parseWindowsBuild, hostile: [['9', '10.0.']] },
  parseSources: {
    read: (text) => messages(parseSources(text, platforms).problems),
    hostile: [
      [' variant=', 'a:1'],
      ['{os}', 'a:'],
      ['{"a":[\n'],
      ['{"a":[\n{"b\n'],
      ['\\', '{"'],
      ['A\n'],
      ['a:1 os=linux\n'],
    ],
  },
  similarTag: { read: (text) => similarTag('1.2.3-arm64', [text, `1.2.3-${text}`]) === undefined },
  parsePaxRecords: { read: (text) => void parsePaxRecords(bytes(text)), hostile: [['11 path=ab\n'], ['9']] },
  splitList: { read: (text) => splitList(text, { commas: 'separate' }).length },
  foreignForm: {
    read: (text) =>
      (['sources', 'image', 'tags', 'annotations', 'registries'] as const).map(
        (kind) => foreignForm(text, kind) === undefined,
      ),
    hostile: [
      ['a', '', ']'],
      ['%a'],
      ['--a '],
      ['linux/', 'a/', ':'],
      ['a.', 'a.', ''],
      ['/', '@a', ''],
      ['{"', ' ', ''],
    ],
  },
  parseDuration: { read: parseDuration, hostile: [['9', '', 's']] },
  parseCredentialHelper: { read: parseCredentialHelper, hostile: [['a', 'a https://b.example/', ' c']] },
  parseRegistryAuth: {
    read: async (text) => messages((await parseRegistryAuth(text)).problems),
    hostile: yaml,
    length: 20_000,
  },
  parseSpec: {
    read: async (text) => messages((await parseSpec(text)).problems),
    hostile: yaml,
    length: 20_000,
  },
  compactJson: { read: (text) => void compactJson(bytes(JSON.stringify([text]))) },
  markdownMessage: {
    read: (text) => void markdownMessage(text),
    hostile: [['##['], [':a'], ['w.']],
    length: 300_000,
  },
  markdownCode: { read: (text) => void markdownCode(text), length: 100_000 },
  withoutSecrets: { read: (text) => void withoutSecrets(text, ['aaaa', 'a/b:c']) },
  parseChallenges: {
    read: (text) => void parseChallenges([text]),
    hostile: [
      [' ', 'Basic', 'x'],
      [' ', 'Basic a', '="'],
      ['a,'],
      ['a , '],
      ['a', 'Basic realm="'],
      ['\\', 'Basic realm="'],
      ['\\"', 'Basic realm="', '"'],
      ['"', 'Basic realm='],
      ['a=b,', 'Basic '],
      ['a="b" , ', 'Basic '],
      ['a="b" ', 'Bearer realm="x" '],
      ['=', 'Basic a'],
      ['=', 'Basic a', ' !'],
      ['a b=, '],
    ],
  },
  parseScope: { read: (text) => void parseScope(text), hostile: [['pull,', 'repository:a:']] },
  parseLoginScope: { read: (text) => void parseLoginScope(text), hostile: [['pull,', 'acme/app@']] },
  parseDockerConfig: { read: (text) => void parseDockerConfig(text, 'config.json') },
  'storedPair of a login': {
    read: (text) => void storedPair(new Map([['auth', text]]), 'config.json'),
    hostile: [
      [' ', '', '!'],
      ['A', '', '!'],
      ['A ', '', '!'],
      ['=', 'A', 'A'],
      [' ', 'A=', 'A'],
    ],
  },
  redactHelperWords: {
    read: (text) => assert.ok(redactHelperWords(text).length <= 401),
    hostile: [['token'], ['a1'], [' ='], ['token-'], ['bearer ']],
  },
  retryAfter: { read: (text) => retryAfter(answer(429, { headers: { 'retry-after': text } }), 0) },
  'errorCodes of a body': { read: (text) => void errorCodes(answer(400, { body: text })) },
  visible: { read: (text) => void visible(text), hostile: [['\u202e']] },
  sanitizeLine: { read: (text) => void sanitizeLine(text), hostile: [['##['], [' ', '', '::error::']] },
  'ArtifactSubjects of a file': {
    read: async (text) => {
      const directory = await mkdtemp(join(tmpdir(), 'artifacts-'));
      const [GITHUB_ARTIFACTS, GITHUB_ARTIFACTS_LIST] = [join(directory, 'file'), join(directory, 'list')];
      for (const file of [GITHUB_ARTIFACTS, GITHUB_ARTIFACTS_LIST]) await writeFile(file, text);
      await new ArtifactSubjects({ GITHUB_ARTIFACTS, GITHUB_ARTIFACTS_LIST }, new Told()).check([]);
      await rm(directory, { recursive: true });
    },
    hostile: [['oci://', '', `@sha256:${'f'.repeat(100_000)}`]],
    length: 100_000,
  },
  sanitizeJson: {
    read: (text) => void sanitizeJson(JSON.stringify([text])),
    hostile: [['##['], ['\\u202e']],
  },
};

const separators = ['/', ':', '@', '.', '-', '_', '=', ',', '[', ']', '"', '\\', '{', '`', '|'];
const others = [' ', '\t', '\n', '\0', 'a', 'A', '0', 'é', '\u{1f600}', '\ud800'];
const pairs = 'a. a- a_ a__ a/ a: /a :// a@ [: :] 0. 127. sha256: {" "a": ", [] {} \\" index, a='.split(' ');

/** Reads hostile text with one reader: each unit many times, and its own forms of 10⁵ characters and more. */
export async function readHostile({ read, hostile = [], length = 1_000_000 }: Reader): Promise<void> {
  for (const unit of [...separators, ...others, ...pairs]) await readOne(read, repeated(unit, length));
  for (const [unit, before = '', after = ''] of hostile)
    for (const each of new Set([100_000, Math.max(length, 100_000)]))
      await readOne(read, before + repeated(unit, each) + after);
}

function repeated(unit: string, length: number): string {
  return unit.repeat(Math.ceil(length / unit.length));
}

async function readOne(read: Reader['read'], text: string): Promise<void> {
  try {
    const shown = await read(text);
    for (const each of [shown].flat()) assert.ok(typeof each !== 'string' || each.length < 1200);
  } catch (error) {
    if (!(error instanceof FormatError || error instanceof ActionError)) throw error;
    assert.ok(error.message.length < 1200, error.message.slice(0, 1200));
  }
}

parentPort?.on('message', (name: string) => {
  const reader = readers[name];
  assert.ok(reader, name);
  readHostile(reader).then(
    () => parentPort?.postMessage(undefined),
    (error: unknown) => parentPort?.postMessage(error),
  );
});
