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

/** A failure for a repository that was named without its registry, or at github.com, with a hint that says so; else the error itself. */
export function explainName(error: unknown, shortNames: ShortNames | undefined): unknown {
  if (!(error instanceof ActionError)) return error;
  if (webSite.test(error.message)) {
    return withHint(error, 'github.com is not a registry of images: write ghcr.io in its place.');
  }
  return shortNames ? explainShortName(error, shortNames) : error;
}

/** GitHub's web site, where a message names a registry. */
const webSite = /(?<![\w./-])github\.com(?=[/ ])/;

function explainShortName(error: ActionError, { names, registry }: ShortNames): ActionError {
  const repository = repositoryOf(error);
  const long = repository === undefined ? '' : formatRepository(repository);
  const short = names.get(long);
  return short ? withHint(error, `${remedy(short, long, registry)} ${error.hint ?? ''}`.trim()) : error;
}

function repositoryOf(error: unknown): Repository | undefined {
  for (let each = error; each instanceof ActionError; each = each.cause)
    if (each.repository !== undefined) return each.repository;
  return undefined;
}

function remedy({ name, input }: ShortName, long: string, registry: string): string {
  const account = name.includes('/') ? '' : 'OWNER/';
  const local = input === 'sources' ? ' An image that only this machine has must be pushed first.' : '';
  return `${quote(name)} means ${long}. For another registry, write ${registry}/${account}${name}.${local}`;
}
