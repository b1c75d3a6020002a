import type { Environment } from '../../run/environment.ts';
import { messageOf } from '../../run/errors.ts';
import { readSmallFile } from '../../run/small-file.ts';
import { unseen } from '../../run/visible.ts';

/** The part of the event that describes the repository; any field may be missing or of another type. */
interface EventRepository {
  readonly full_name?: unknown;
  readonly description?: unknown;
  readonly license?: { readonly spdx_id?: unknown } | null;
}

/**
 * Maximum characters of a description and of a licence that GitHub's registry shows.
 * (https://docs.github.com/en/packages/working-with-a-github-packages-registry/working-with-the-container-registry)
 */
const maxLengths = { description: 512, license: 256 } as const;

/**
 * The annotations `org.opencontainers.image.*` of the repository that the workflow belongs to: source, revision and title
 * from the runner's variables, description and licence from the event. The same commit and event give the same text.
 * No request is sent: its response could differ between two runs of one commit.
 */
export async function repositoryAnnotations(environment: Environment) {
  const { GITHUB_SERVER_URL: server = '', GITHUB_REPOSITORY: name = '', GITHUB_SHA: sha = '' } = environment;
  const isKnown = /^https?:\/\/[\w.:-]+$/.test(server) && /^[\w.-]+\/[\w.-]+$/.test(name);
  if (!isKnown) {
    const warning =
      'repository-annotations adds nothing: GITHUB_SERVER_URL and GITHUB_REPOSITORY are not set';
    return { annotations: {}, warnings: [warning] };
  }
  const { repository, warnings } = await readEvent(environment['GITHUB_EVENT_PATH'] ?? '', name);
  const license = shownText(repository.license?.spdx_id, maxLengths.license);
  const texts = {
    description: shownText(repository.description, maxLengths.description),
    // GitHub found a licence file that it does not know.
    licenses: license === 'NOASSERTION' ? '' : license,
    revision: /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/.test(sha) ? sha : '',
    source: `${server}/${name}`,
    title: name.slice(name.indexOf('/') + 1),
  };
  const known = Object.entries(texts).filter(([, text]) => text !== '');
  return {
    annotations: Object.fromEntries(known.map(([key, text]) => [`org.opencontainers.image.${key}`, text])),
    warnings,
  };
}

// A workflow may run for an event of another repository; its description is not ours.
async function readEvent(
  path: string,
  name: string,
): Promise<{ readonly repository: EventRepository; readonly warnings: readonly string[] }> {
  if (path === '') return { repository: {}, warnings: [] };
  try {
    const event: unknown = JSON.parse(await readSmallFile(path));
    const { repository } = (event ?? {}) as { readonly repository?: EventRepository | null };
    const isOurs = String(repository?.full_name).toLowerCase() === name.toLowerCase();
    return { repository: isOurs ? (repository ?? {}) : {}, warnings: [] };
  } catch (error) {
    const reason = error instanceof SyntaxError ? 'the file is not JSON' : messageOf(error);
    const problem = `GITHUB_EVENT_PATH could not be read: ${reason}`;
    return { repository: {}, warnings: [`repository-annotations adds no description: ${problem}`] };
  }
}

/** Text on one line without invisible characters, at most `max` characters. */
function shownText(text: unknown, max: number): string {
  if (typeof text !== 'string') return '';
  const line = text.replaceAll(/\s+/g, ' ').replaceAll(unseen, '').trim();
  const characters = [...line.slice(0, 4 * max)];
  const start = characters.slice(0, max - 1).join('');
  return characters.length <= max ? line : `${start.trimEnd()}…`;
}
