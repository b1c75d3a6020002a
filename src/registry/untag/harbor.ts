import { maxShortBody } from '../../http/message.ts';
import type { Repository } from '../../oci/reference.ts';
import { ActionError } from '../../run/errors.ts';
import type { RegistryClient } from '../client.ts';
import type { Management } from '../management.ts';
import { isGone, notRemovable, removalError } from './removal-error.ts';
import { type StagingTag, type TagRemover, unlessGone } from './staging-tag.ts';

const hint =
  'Give the account or robot permission to delete tags in the project, or remove the tag in the user interface of Harbor.';

/**
 * Whether a registry is Harbor, which returns `Pong` at its own address. Checked before any removal, because Harbor's
 * distribution API is not made to remove only a tag.
 */
export async function isHarbor(repository: Repository, { anonymously }: Management): Promise<boolean> {
  const target = '/api/v2.0/ping';
  const ping = { method: 'GET', repository, target, maxBodyBytes: maxShortBody, actions: [] } as const;
  try {
    const { status, body, answeredBy } = await anonymously({ ...ping, tries: 'one' });
    return status === 200 && answeredBy === undefined && Buffer.from(body).toString('utf8').trim() === 'Pong';
  } catch (error) {
    if (error instanceof ActionError) return false;
    throw error;
  }
}

/**
 * Removes tags of Harbor with its API, user name and password. A repository's name in a project is encoded twice.
 * https://github.com/goharbor/harbor/blob/main/api/v2.0/swagger.yaml (deleteTag)
 */
export function harborRemover(client: RegistryClient, { withPassword }: Management): TagRemover {
  return async (tag) => {
    const response = await withPassword({
      method: 'DELETE',
      repository: tag.repository,
      target: targetOf(tag),
      maxBodyBytes: maxShortBody,
      actions: ['pull', 'push'],
      alreadyApplied: unlessGone(client, tag),
    });
    if (!isGone(response)) throw removalError(response, hint);
  };
}

function targetOf(tag: StagingTag): string {
  const { path } = tag.repository;
  const slash = path.indexOf('/');
  if (slash < 0) throw notRemovable(tag, 'Harbor has no tags outside projects', hint);
  const name = encodeURIComponent(encodeURIComponent(path.slice(slash + 1)));
  const artifact = `/api/v2.0/projects/${path.slice(0, slash)}/repositories/${name}/artifacts/${tag.manifest.digest}`;
  return `${artifact}/tags/${tag.tag}`;
}
