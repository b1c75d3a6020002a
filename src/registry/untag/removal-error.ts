import { failureOf, type HttpResponse } from '../../http/message.ts';
import { isRateLimit } from '../../http/rate-limit.ts';
import { dockerHub, formatRepository, type Reference } from '../../oci/reference.ts';
import { RegistryError } from '../../run/errors.ts';
import { errorCodes, isWebPage } from '../refusal.ts';
import type { StagingTag } from './staging-tag.ts';

/**
 * The error for a response that refuses a removal: RegistryError TAG_NOT_REMOVED with the registry's own codes. `hint`
 * says how else to remove the tag.
 */
export function removalError(response: HttpResponse, hint: string): RegistryError {
  const { status } = response;
  // Do not quote the text of another host, or a web page.
  const isQuoted = response.answeredBy === undefined && !isWebPage(response);
  const codes = isQuoted ? errorCodes(response) : [];
  const texts = codes.map(({ code, message }) => (message === '' ? code : `${code}: ${message}`));
  const message = `${response.url.host} refused to remove the tag (${[status, ...texts].join(', ')})`;
  const failure = failureOf('DELETE', response, { codes: codes.map(({ code }) => code) });
  const isTemporary = status >= 500 || isRateLimit(response);
  return new RegistryError('TAG_NOT_REMOVED', message, failure, {
    hint: isTemporary ? 'Remove the tag later: the failure of the registry is temporary.' : hint,
  });
}

/** The error for a removal that is not tried. */
export function notRemovable({ repository }: StagingTag, message: string, hint: string): RegistryError {
  const failure = { method: 'DELETE', url: `https://${repository.registry}`, status: 0, codes: [] };
  return new RegistryError('TAG_NOT_REMOVED', message, failure, { hint });
}

/** Whether a response says that the tag no longer exists: removed now, or missing before. */
export function isGone(response: HttpResponse): boolean {
  const { status } = response;
  return !isWebPage(response) && (status === 404 || (status >= 200 && status < 300));
}

const amazon = /^\d+\.dkr\.ecr\.([a-z0-9-]+)\.amazonaws\.com(?:\.cn)?$/;

/** Whether a registry is Amazon ECR. */
export function isAmazon(registry: string): boolean {
  return amazon.test(registry);
}

/** The hint for a tag that a registry did not remove: the vendor's own command, or the missing permission. */
export function removalHint(tag: Reference, status: number): string {
  const { registry, path } = tag.repository;
  const command = commandFor(tag);
  if (registry === dockerHub) {
    return `Use an access token of Docker Hub with the permission "Read, Write, Delete", or remove the tag on https://hub.docker.com/r/${path}/tags.`;
  }
  if (isAmazon(registry)) {
    return `Run \`${command}\`, or let a lifecycle policy expire staging tags. Amazon ECR deletes an image with its last tag, unless a list refers to it.`;
  }
  if (command !== undefined) return `Give the login permission to delete, or run \`${command}\`.`;
  // Registries answer "not found" also for what a login may not change.
  return status === 401 || status === 403 || status === 404
    ? 'Give the login permission to delete.'
    : 'Remove the tag in the user interface of the registry, and never its digest, which the list needs. CNCF distribution 3 and later can remove tags, with `storage.delete.enabled`.';
}

function commandFor({ repository, tag }: Reference): string | undefined {
  const { registry, path } = repository;
  const region = amazon.exec(registry)?.[1];
  if (region !== undefined) {
    return `aws ecr batch-delete-image --region ${region} --repository-name ${path} --image-ids imageTag=${tag}`;
  }
  const name = formatRepository(repository);
  if (registry.endsWith('.azurecr.io')) {
    return `az acr repository untag --name ${registry.split('.', 1)[0]} --image ${path}:${tag}`;
  }
  if (registry.endsWith('-docker.pkg.dev')) return `gcloud artifacts docker tags delete ${name}:${tag}`;
  if (registry === 'gcr.io' || registry.endsWith('.gcr.io'))
    return `gcloud container images untag ${name}:${tag}`;
  return undefined;
}
