import { quote } from '../../oci/format-error.ts';
import { formatRepository, type Repository } from '../../oci/reference.ts';
import { ActionError, withHint } from '../../run/errors.ts';

/** The names that the inputs write without a registry, so that they mean repositories on Docker Hub. */
export interface ShortNames {
  /** As written, without tag and digest, by the long name of the repository, and whether each is a source. */
  readonly names: ReadonlyMap<string, ShortName>;
  /** Another registry that the inputs name, or an example. */
  readonly registry: string;
}

interface ShortName {
  readonly name: string;
  readonly input: 'tags' | 'sources';
}

/** A failure for a repository that was named without its registry, or at a web site, with a hint that says so; else the error itself. */
export function explainName(error: unknown, shortNames: ShortNames | undefined): unknown {
  if (!(error instanceof ActionError)) return error;
  const [site] = webSite.exec(error.message) ?? [];
  if (site !== undefined) {
    const registry = site === 'github.com' ? 'ghcr.io' : 'docker.io';
    return withHint(error, `${site} is not a registry of images: write ${registry} in its place.`);
  }
  return shortNames ? explainShortName(error, shortNames) : error;
}

/** The web site of GitHub or Docker Hub, where a message names a registry. */
const webSite = /(?<![\w./-])(?:github|hub\.docker)\.com(?=[/ ])/;

function explainShortName(error: ActionError, { names, registry }: ShortNames): ActionError {
  const repository = repositoryOf(error);
  const long = repository === undefined ? hubName(error, [...names.keys()]) : formatRepository(repository);
  const short = names.get(long);
  return short ? withHint(error, `${remedy(short, long, registry)} ${error.hint ?? ''}`.trim()) : error;
}

function repositoryOf(error: unknown): Repository | undefined {
  for (let each = error; each instanceof ActionError; each = each.cause)
    if (each.repository !== undefined) return each.repository;
  return undefined;
}

/** The repository that a failure at Docker Hub names, or the first if it names none. */
function hubName({ message }: ActionError, [first = '', ...others]: readonly string[]): string {
  if (!/(?<![\w.-])(?:registry-1\.|auth\.|index\.)?docker\.io(?![\w.-])/.test(message)) return '';
  return (
    [first, ...others].find((name) => message.includes(`${name}:`) || message.includes(`${name}@`)) ?? first
  );
}

function remedy({ name, input }: ShortName, long: string, registry: string): string {
  const account = name.includes('/') ? '' : 'OWNER/';
  const local = input === 'sources' ? ' An image that only this machine has must be pushed first.' : '';
  return `${quote(name)} means ${long}. For another registry, write ${registry}/${account}${name}.${local}`;
}
