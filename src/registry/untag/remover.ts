import { isPackages } from '../../auth/auth-error.ts';
import { dockerHub, type Repository } from '../../oci/reference.ts';
import type { RegistryError } from '../../run/errors.ts';
import type { Observer } from '../../run/observer.ts';
import type { Management } from '../registry-request.ts';
import { azureRemover, distributionRemover, isAzure } from './distribution.ts';
import { dockerHubRemover } from './docker-hub.ts';
import { type GithubPackages, githubRemover } from './github-packages.ts';
import { harborRemover, isHarbor } from './harbor.ts';
import { isAmazon, notRemovable, removalHint } from './removal-error.ts';
import type { StagingTag } from './staging-tag.ts';
import type { LookContext, TagRemover } from './tag-remover.ts';

/** GitHub's registry, and the API of its packages. */
export interface GithubRegistry {
  /** The registry of the packages in the API: `ghcr.io`. */
  readonly registry: string;
  /** Connects to the API; undefined without a token for it. */
  readonly connect: (() => Promise<GithubPackages>) | undefined;
}

/** The services that remove tags. */
export interface RemovalContext extends LookContext {
  readonly management: Management;
  readonly github: GithubRegistry;
  readonly observer: Pick<Observer, 'info' | 'secret' | 'warning'>;
  /** The ID of the workflow run, for the names of throw-away tags. */
  readonly runId: string;
}

/**
 * The method to remove tags of a registry: chosen by its host name if that identifies the vendor, else by a request.
 */
export async function removerFor(repository: Repository, context: RemovalContext): Promise<TagRemover> {
  const { management, github } = context;
  const { registry } = repository;
  if (registry === dockerHub) return dockerHubRemover(context);
  if (isAmazon(registry)) return amazonRemover;
  if (isAzure(registry)) return azureRemover(context);
  if (registry === github.registry || isPackages(registry)) {
    const connect = registry === github.registry ? github.connect : undefined;
    return connect === undefined ? withoutToken : githubRemover({ ...context, packages: await connect() });
  }
  return (await isHarbor(repository, management)) ? harborRemover(context) : distributionRemover(context);
}

// It deletes an image with its last tag.
const amazonRemover = refusing((tag) =>
  notRemovable(tag, 'Amazon ECR does not remove single tags safely', removalHint(tag, 405)),
);

const withoutToken = refusing((tag) =>
  notRemovable(
    tag,
    `Only the packages API of GitHub removes tags of ${tag.repository.registry}, and there is no token for it`,
    'Pass a token with `packages: write` in `github-token`, in a workflow of the same GitHub server.',
  ),
);

function refusing(errorFor: (tag: StagingTag) => RegistryError): TagRemover {
  const refuse = async (tag: StagingTag): Promise<never> => {
    throw errorFor(tag);
  };
  return { ask: refuse, remove: refuse };
}
