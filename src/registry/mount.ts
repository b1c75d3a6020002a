import type { HttpResponse } from '../http/message.ts';
import type { Digest } from '../oci/digest.ts';
import type { Repository } from '../oci/reference.ts';
import { AuthError } from '../run/errors.ts';
import type { RegistryClient } from './client.ts';
import { isWebPage } from './refusal.ts';
import { UploadSession } from './upload-session.ts';

/** A blob that is to appear in a repository of the registry that already holds it. */
export interface Mount {
  readonly digest: Digest;
  readonly from: Repository;
  readonly to: Repository;
}

/**
 * Asks a registry to show a blob in a second repository (OCI distribution-spec 1.1, «Mounting a blob from
 * another repository»). Instead it may open an upload; whatever else it answers is a refusal.
 */
export async function mountBlob(
  client: RegistryClient,
  { digest, from, to }: Mount,
): Promise<'mounted' | 'refused' | UploadSession> {
  const query = new URLSearchParams({ mount: digest, from: from.path });
  const response = await answerTo(client, to, `/v2/${to.path}/blobs/uploads/?${query}`);
  if (response === undefined || isWebPage(response)) return 'refused';
  if (response.status === 201) return 'mounted';
  return response.status === 202 ? new UploadSession(client, to, response) : 'refused';
}

// A login that may not read the other repository by a push token can still do so by one of its own.
async function answerTo(
  client: RegistryClient,
  repository: Repository,
  target: string,
): Promise<HttpResponse | undefined> {
  try {
    const actions = ['pull', 'push'] as const;
    return await client.call({ method: 'POST', repository, target, limit: 64 * 1024, actions });
  } catch (error) {
    if (error instanceof AuthError) return undefined;
    throw error;
  }
}
