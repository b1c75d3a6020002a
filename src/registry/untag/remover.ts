import type { Repository } from '../../oci/reference.ts';
import { dockerHub } from '../../oci/registry-name.ts';
import type { Clock } from '../../run/clock.ts';
import type { Observer } from '../../run/observer.ts';
import type { RegistryClient } from '../client.ts';
import type { Management } from '../management.ts';
import { azureRemover, distributionRemover, isAzure } from './distribution.ts';
import { dockerHubRemover } from './docker-hub.ts';
import { type GithubPackages, githubRemover } from './github-packages.ts';
import { harborRemover, isHarbor } from './harbor.ts';
import { notRemovable } from './removal-error.ts';
import { isAmazon, removalHint } from './removal-hint.ts';
import type { TagRemover } from './staging-tag.ts';

/** GitHub's registry, and the API of its packages. */
export interface GithubRegistry {
  /** The registry of the packages in the API: `ghcr.io`. */
  readonly registry: string;
  /** Connects to the API; undefined without a token for it. */
  readonly connect: (() => Promise<GithubPackages>) | undefined;
}

/** The services that remove tags. */
export interface RemovalContext {
  readonly client: RegistryClient;
  readonly management: Management;
  readonly github: GithubRegistry;
  readonly observer: Pick<Observer, 'secret'>;
  readonly clock: Pick<Clock, 'now' | 'sleep'>;
}

/**
 * The method to remove tags of a registry: chosen by its host name if that identifies the vendor, else by a request.
 */
export async function removerFor(repository: Repository, context: RemovalContext): Promise<TagRemover> {
  const { client, management, github, clock } = context;
  const { registry } = repository;
  if (registry === dockerHub) return dockerHubRemover(context);
  if (isAmazon(registry)) return amazonRemover;
  if (isAzure(registry)) return azureRemover(client);
  if (registry === github.registry || isGithub(registry)) {
    const connect = registry === github.registry ? github.connect : undefined;
    if (connect === undefined) return withoutToken;
    return githubRemover({ client, packages: await connect(), clock });
  }
  return (await isHarbor(repository, management))
    ? harborRemover(client, management)
    : distributionRemover(client);
}

// Also for a server with its own domain, whose API does not list these packages.
function isGithub(registry: string): boolean {
  return registry === 'ghcr.io' || /^containers\.[a-z0-9-]+\.ghe\.com$/.test(registry);
}

// It deletes an image with its last tag.
const amazonRemover: TagRemover = async (tag) => {
  throw notRemovable(tag, 'Amazon ECR does not remove single tags safely', removalHint(tag, 405));
};

const withoutToken: TagRemover = async (tag) => {
  throw notRemovable(
    tag,
    `Only the packages API of GitHub removes tags of ${tag.repository.registry}, and there is no token for it`,
    'Pass a token with `packages: write` in `github-token`, in a workflow of the same GitHub server.',
  );
};
