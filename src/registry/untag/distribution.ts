import { maxShortBody } from '../../http/message.ts';
import type { RegistryClient } from '../client.ts';
import { isGone, removalError } from './removal-error.ts';
import { removalHint } from './removal-hint.ts';
import { type StagingTag, type TagRemover, unlessGone } from './staging-tag.ts';

/**
 * Removes tags with the distribution API. It returns 202, or 400 or 405 if it cannot remove tags (OCI distribution-spec
 * 1.1, "Deleting tags").
 */
export function distributionRemover(client: RegistryClient): TagRemover {
  return (tag) => deleteTarget(client, tag, `/v2/${tag.repository.path}/manifests/${tag.tag}`);
}

/**
 * Removes tags of an Azure container registry with its own API, with the registry's usual login and tokens.
 * https://learn.microsoft.com/rest/api/containerregistry/tag/delete
 */
export function azureRemover(client: RegistryClient): TagRemover {
  return (tag) => deleteTarget(client, tag, `/acr/v1/${tag.repository.path}/_tags/${tag.tag}`);
}

/** Whether a registry is one of Azure's container registries, in any of its clouds. */
export function isAzure(registry: string): boolean {
  return /^[a-z0-9-]+\.azurecr\.(?:io|us|cn)$/.test(registry);
}

async function deleteTarget(client: RegistryClient, tag: StagingTag, target: string): Promise<void> {
  const response = await client.send({
    method: 'DELETE',
    repository: tag.repository,
    target,
    maxBodyBytes: maxShortBody,
    // A registry with its own scope action for this names it in its challenge; some refuse unknown actions.
    actions: ['pull', 'push'],
    alreadyApplied: unlessGone(client, tag),
  });
  if (!isGone(response)) throw removalError(response, removalHint(tag, response.status));
}
