import { maxShortBody } from '../../http/message.ts';
import type { Repository } from '../../oci/reference.ts';
import { ActionError, orFailure } from '../../run/errors.ts';
import type { Management } from '../registry-request.ts';
import { notRemovable } from './removal-error.ts';
import type { StagingTag } from './staging-tag.ts';
import {
  askWith,
  deleteRequest,
  type LookContext,
  type Removal,
  removeWith,
  type TagRemover,
} from './tag-remover.ts';

const hint =
  'Give the account or robot permission to delete tags in the project, or remove the tag in the user interface of Harbor.';

/**
 * Whether a registry is Harbor, which returns `Pong` at its own address. Checked before any removal, because Harbor's
 * distribution API is not made to remove only a tag.
 */
export async function isHarbor(repository: Repository, { anonymously }: Management): Promise<boolean> {
  const target = '/api/v2.0/ping';
  const ping = { method: 'GET', repository, target, maxBodyBytes: maxShortBody, actions: [] } as const;
  const response = await orFailure(anonymously({ ...ping, tries: 'one' }));
  if (response instanceof ActionError) return false;
  const { status, body, answeredBy } = response;
  return status === 200 && answeredBy === undefined && Buffer.from(body).toString('utf8').trim() === 'Pong';
}

interface HarborContext extends LookContext {
  readonly management: Management;
  readonly runId: string;
}

/**
 * Removes tags of Harbor with its API, user name and password. A repository's name in a project is encoded twice. A
 * request names tag and digest, so it never removes what another run pushed. Harbor answers 404 also for what the
 * account may not see. https://github.com/goharbor/harbor/blob/main/api/v2.0/swagger.yaml (deleteTag)
 */
export function harborRemover(context: HarborContext): TagRemover {
  const removal: Removal = {
    send: (tag, alreadyApplied) =>
      context.management.withPassword({ ...deleteRequest(tag.repository, targetOf(tag)), alreadyApplied }),
    hintFor: () => hint,
  };
  return {
    ask: (tag) => askWith(removal, tag, context.runId),
    remove: (tag) => removeWith(removal, tag, context),
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
