import { Memo } from '../../run/memo.ts';
import { type ProofContext, proveTagRemoval } from './proof.ts';
import { removalHint } from './removal-error.ts';
import { repositoryIdentity, type StagingTag } from './staging-tag.ts';
import { askWith, deleteRequest, type Removal, removeWith, type TagRemover } from './tag-remover.ts';

/** What removes tags with a registry's usual login and tokens. */
type DistributionContext = Omit<ProofContext, 'remove'>;

/**
 * Registries whose DELETE of a tag is known to remove nothing else; others prove it.
 * quay.io: https://github.com/quay/quay/blob/f626d4ecebcd529b2d2c929cbef2b6646d97ff62/endpoints/v2/manifest.py
 * (delete_manifest_by_tag). registry.gitlab.com: https://gitlab.com/gitlab-org/container-registry/-/issues/1091.
 */
const removingTagsAlone: ReadonlySet<string> = new Set(['quay.io', 'registry.gitlab.com']);

/**
 * Removes tags with the distribution API. It returns 202, or 400 or 405 if it cannot remove tags (OCI distribution-spec
 * 1.1, "Deleting tags"). CNCF distribution 2 answers 400 DIGEST_INVALID
 * (https://github.com/google/go-containerregistry/issues/1578).
 */
export function distributionRemover(context: DistributionContext): TagRemover {
  return remover(context, ({ repository, tag }) => `/v2/${repository.path}/manifests/${tag}`);
}

/**
 * Removes tags of an Azure container registry with its own API, with the registry's usual login and tokens.
 * https://learn.microsoft.com/rest/api/containerregistry/tag/delete
 */
export function azureRemover(context: DistributionContext): TagRemover {
  return remover(context, ({ repository, tag }) => `/acr/v1/${repository.path}/_tags/${tag}`);
}

/** Whether a registry is one of Azure's container registries, in any of its clouds. */
export function isAzure(registry: string): boolean {
  return /^[a-z0-9-]+\.azurecr\.(?:io|us|cn)$/.test(registry);
}

type TargetOf = (tag: StagingTag) => string;

// Asking also gets the token for removals, so that no other request comes between the look at a tag and its removal.
function remover(context: DistributionContext, targetOf: TargetOf): TagRemover {
  const { client, cancellation, runId } = context;
  const [asked, proven] = [new Memo<string, void>(), new Memo<string, void>()];
  const removal: Removal = {
    send: (tag, alreadyApplied) =>
      client.send({ ...deleteRequest(tag.repository, targetOf(tag)), alreadyApplied }),
    hintFor: removalHint,
  };
  const ask = (tag: StagingTag): Promise<void> =>
    asked.get(repositoryIdentity(tag.repository), async () => {
      cancellation.checkGoingOn();
      await cancellation.reading(askWith(removal, tag, runId));
    });
  const remove: ProofContext['remove'] = (tag, until) =>
    removeWith(removal, tag, { ...context, cancellation: until });
  const prove = ({ repository }: StagingTag): Promise<void> =>
    proven.get(repositoryIdentity(repository), () => proveTagRemoval(repository, { ...context, remove }));
  return {
    ask,
    remove: async (tag) => {
      const { registry } = tag.repository;
      await ask(tag);
      if (!isAzure(registry) && !removingTagsAlone.has(registry)) await prove(tag);
      return removeWith(removal, tag, context);
    },
  };
}
