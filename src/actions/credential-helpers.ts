import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { chmod, copyFile, mkdtemp, open, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { maxShortBody, redacted, type Send } from '../http/message.ts';
import { algorithmOf, encodedOf } from '../oci/digest.ts';
import { connectDownloads } from '../registry/connect.ts';
import { ActionError, messageOf } from '../run/errors.ts';
import type { RunnerLog } from '../runner/log.ts';
import type { Step } from './connection.ts';
import type { CredentialHelperLine } from './input/credential-helper-line.ts';
import type { StepInputs } from './input/step-inputs.ts';

type ToolCache = typeof import('@actions/tool-cache');

/** Bytes of a helper: those of the clouds have some ten megabytes. */
const maxHelperSize = 100 * 1024 * 1024;
/** Milliseconds of a download from its first byte on. */
const maxDownloadTime = 300_000;

/**
 * Puts every helper on PATH, each alone in a directory of this run: from the runner's tool cache, downloaded into it
 * when missing. The bytes are checked against their digest where they are run from. Throws ActionError
 * CREDENTIAL_HELPER_DOWNLOAD, CREDENTIAL_HELPER_DIGEST or CREDENTIAL_HELPER_FORMAT.
 */
export async function provideCredentialHelpers(
  { credentialHelpers }: Pick<StepInputs, 'credentialHelpers'>,
  { runner, log, network }: Step,
): Promise<void> {
  if (credentialHelpers.length === 0) return;
  const cache = await import('@actions/tool-cache');
  const temporary = runner.environment['RUNNER_TEMP'] || tmpdir();
  const { send, close } = connectDownloads({ ...network, environment: runner.environment, observer: log });
  try {
    const provided = credentialHelpers.map((helper) => provide(helper, temporary, cache, send, log));
    for (const directory of await Promise.all(provided)) runner.addPath(directory);
  } finally {
    await close();
  }
}

/** Returns the helper's directory; nothing else is in it, whatever lies in the tool cache. */
async function provide(
  helper: CredentialHelperLine,
  temporary: string,
  cache: ToolCache,
  send: Send,
  log: RunnerLog,
): Promise<string> {
  const directory = await mkdtemp(join(temporary, 'credential-helper-'));
  const file = join(directory, fileName(helper));
  try {
    if (await copyKnown(helper, cache, file)) {
      log.info(`${helper.program}: from the tool cache`);
    } else {
      // The debug log shows no query of a URL, but other messages may, and anyone can use a signed URL.
      if (helper.url.search !== '') log.secret(helper.url.search);
      await download(helper, send, file);
      await check(file, helper);
      await cache.cacheFile(file, fileName(helper), helper.program, version(helper));
      log.info(`${helper.program}: fetched from ${redacted(helper.url)}`);
    }
    await chmod(file, 0o755);
    return directory;
  } catch (error) {
    await rm(directory, { recursive: true, force: true });
    throw error;
  }
}

/** Copies the helper from the tool cache; whether it is there, and the copy has its digest. */
async function copyKnown(helper: CredentialHelperLine, cache: ToolCache, file: string): Promise<boolean> {
  const known = cache.find(helper.program, version(helper));
  if (known === '') return false;
  await copyFile(join(known, fileName(helper)), file).catch(() => undefined);
  if ((await hashOf(file, helper)) === encodedOf(helper.digest)) return true;
  await rm(file, { force: true });
  return false;
}

async function download(helper: CredentialHelperLine, send: Send, file: string): Promise<void> {
  try {
    const request = { method: 'GET', url: helper.url, headers: {}, maxBodyBytes: maxShortBody } as const;
    const { status, stream } = await send({ ...request, answer: 'stream' });
    if (status !== 200 || stream === undefined) throw new Error(`the server answered ${status}`);
    await writeFile(file, bounded(stream), { flag: 'wx' });
  } catch (error) {
    const message = `credential-helpers: downloading ${helper.program} from ${redacted(helper.url)} failed: ${messageOf(error)}`;
    const hint = 'Check the URL, and that this runner can reach it.';
    throw new ActionError('CREDENTIAL_HELPER_DOWNLOAD', message, { hint, cause: error });
  }
}

async function* bounded(stream: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const end = Date.now() + maxDownloadTime;
  let size = 0;
  for await (const chunk of stream) {
    size += chunk.byteLength;
    if (size > maxHelperSize) throw new Error(`it has more than ${maxHelperSize} bytes`);
    if (Date.now() > end) throw new Error(`it takes more than ${maxDownloadTime / 1000} s`);
    yield chunk;
  }
}

async function check(file: string, helper: CredentialHelperLine): Promise<void> {
  const place = `credential-helpers: the file at ${redacted(helper.url)}`;
  const found = await hashOf(file, helper);
  if (found !== encodedOf(helper.digest)) {
    const message = `${place} has the digest ${algorithmOf(helper.digest)}:${found}, not ${helper.digest}`;
    const hint =
      'If the helper has a new release, check where it comes from and write its new digest. The file was not run.';
    throw new ActionError('CREDENTIAL_HELPER_DIGEST', message, { hint });
  }
  if (await isProgram(file)) return;
  const hint = 'Write the URL of the program itself, not of an archive that contains it.';
  throw new ActionError('CREDENTIAL_HELPER_FORMAT', `${place} is not a program`, { hint });
}

/** The first bytes of programs: ELF, Mach-O of either order or universal, PE, a script. */
const magic = /^(?:7f454c46|feedface|feedfacf|cefaedfe|cffaedfe|cafebabe|4d5a|2321)/;

async function isProgram(file: string): Promise<boolean> {
  const handle = await open(file);
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(4), 0, 4, 0);
    return magic.test(buffer.subarray(0, bytesRead).toString('hex'));
  } finally {
    await handle.close();
  }
}

async function hashOf(file: string, helper: CredentialHelperLine): Promise<string> {
  const hash = createHash(algorithmOf(helper.digest));
  try {
    await pipeline(createReadStream(file), hash);
  } catch {
    return 'unreadable';
  }
  return hash.digest('hex');
}

// The tool cache takes only semantic versions, so the digest is part of one.
function version(helper: CredentialHelperLine): string {
  return `0.0.0-d${encodedOf(helper.digest).slice(0, 32)}`;
}

function fileName(helper: CredentialHelperLine): string {
  return process.platform === 'win32' ? `${helper.program}.exe` : helper.program;
}
