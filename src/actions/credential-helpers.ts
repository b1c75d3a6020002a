import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { chmod, open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { redacted } from '../http/message.ts';
import { algorithmOf, encodedOf } from '../oci/digest.ts';
import { ActionError, messageOf } from '../run/errors.ts';
import type { CredentialHelperLine } from './credential-helper-line.ts';
import type { RunnerLog } from './log.ts';
import type { Runner } from './runner.ts';

type ToolCache = typeof import('@actions/tool-cache');

/**
 * Puts every helper on PATH, from the runner's tool cache, downloaded into it when missing. The bytes are
 * checked against their digest before each use. Throws ActionError CREDENTIAL_HELPER_DOWNLOAD,
 * CREDENTIAL_HELPER_DIGEST or CREDENTIAL_HELPER_FORMAT.
 */
export async function provideCredentialHelpers(
  helpers: readonly CredentialHelperLine[],
  runner: Pick<Runner, 'addPath'>,
  log: RunnerLog,
): Promise<void> {
  if (helpers.length === 0) return;
  const cache = await import('@actions/tool-cache');
  const directories = await Promise.all(helpers.map((helper) => provide(helper, cache, log)));
  for (const directory of new Set(directories)) runner.addPath(directory);
}

async function provide(helper: CredentialHelperLine, cache: ToolCache, log: RunnerLog): Promise<string> {
  const known = cache.find(helper.program, version(helper));
  if (known !== '' && (await hashOf(join(known, fileName(helper)), helper)) === encodedOf(helper.digest)) {
    log.info(`${helper.program}: from the tool cache`);
    return known;
  }
  // The tool cache writes the URL to the debug log, and anyone can use a signed URL.
  if (helper.url.search !== '') log.secret(helper.url.search);
  const file = await download(helper, cache);
  try {
    await check(file, helper);
    await chmod(file, 0o755);
    const directory = await cache.cacheFile(file, fileName(helper), helper.program, version(helper));
    log.info(`${helper.program}: fetched from ${redacted(helper.url)}`);
    return directory;
  } finally {
    await rm(file, { force: true });
  }
}

async function download(helper: CredentialHelperLine, cache: ToolCache): Promise<string> {
  try {
    return await cache.downloadTool(helper.url.href);
  } catch (error) {
    const reason = messageOf(error);
    throw new ActionError(
      'CREDENTIAL_HELPER_DOWNLOAD',
      `credential-helpers: downloading ${helper.program} from ${redacted(helper.url)} failed: ${reason}`,
      { hint: 'Check the URL, and that this runner can reach it.', cause: error },
    );
  }
}

async function check(file: string, helper: CredentialHelperLine): Promise<void> {
  const found = await hashOf(file, helper);
  if (found !== encodedOf(helper.digest)) {
    throw new ActionError(
      'CREDENTIAL_HELPER_DIGEST',
      `credential-helpers: the file at ${redacted(helper.url)} has the digest ${algorithmOf(helper.digest)}:${found}, not ${helper.digest}`,
      {
        hint: 'If the helper has a new release, check where it comes from and write its new digest. The file was not run.',
      },
    );
  }
  if (await isProgram(file)) return;
  throw new ActionError(
    'CREDENTIAL_HELPER_FORMAT',
    `credential-helpers: the file at ${redacted(helper.url)} is not a program`,
    {
      hint: 'Write the URL of the program itself, not of an archive that contains it.',
    },
  );
}

/** The first bytes of programs: ELF, Mach-O of either order or universal, PE, a script. */
const magics: readonly string[] = [
  '7f454c46',
  'feedface',
  'feedfacf',
  'cefaedfe',
  'cffaedfe',
  'cafebabe',
  '4d5a',
  '2321',
];

async function isProgram(file: string): Promise<boolean> {
  const handle = await open(file);
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(4), 0, 4, 0);
    const start = buffer.subarray(0, bytesRead).toString('hex');
    return magics.some((magic) => start.startsWith(magic));
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
