import { passwordOf } from '../../auth/authorized.ts';
import type { Credential } from '../../credentials/credential.ts';
import { maxShortBody } from '../../http/message.ts';
import { dockerHub } from '../../oci/registry-name.ts';
import { AuthError } from '../../run/errors.ts';
import type { Observer } from '../../run/observer.ts';
import type { RegistryClient } from '../client.ts';
import type { Management } from '../management.ts';
import { isGone, removalError } from './removal-error.ts';
import { removalHint } from './removal-hint.ts';
import { type StagingTag, type TagRemover, unlessGone } from './staging-tag.ts';

const hub = 'https://hub.docker.com';

/** Characters of the shortest token that is masked. */
const minMaskedLength = 16;

/** The services that remove tags of Docker Hub. */
interface HubContext {
  readonly client: RegistryClient;
  readonly management: Management;
  readonly observer: Pick<Observer, 'secret'>;
}

/**
 * Removes tags of Docker Hub with the API of hub.docker.com and a token for the login of Docker Hub, which is not sent
 * anywhere else. https://docs.docker.com/reference/api/hub/latest/
 */
export function dockerHubRemover(context: HubContext): TagRemover {
  const tokens = new Map<Credential, Promise<string>>();
  return async (tag) => {
    const { client, management } = context;
    const { path } = tag.repository;
    const credential = await management.credentials.find(dockerHub, path, ['pull', 'push']);
    const token = tokens.get(credential) ?? requestToken(tag, credential, context);
    tokens.set(credential, token);
    const response = await management.toService({
      method: 'DELETE',
      url: tagUrl(tag),
      headers: { accept: 'application/json' },
      originHeaders: { authorization: `Bearer ${await token}` },
      maxBodyBytes: maxShortBody,
      alreadyApplied: unlessGone(client, tag),
    });
    if (!isGone(response)) throw removalError(response, removalHint(tag, response.status));
  };
}

// Every repository of Docker Hub is in a namespace.
function tagUrl({ repository, tag }: StagingTag): URL {
  const [namespace = '', ...rest] = repository.path.split('/').map(encodeURIComponent);
  return new URL(`${hub}/v2/namespaces/${namespace}/repositories/${rest.join('/')}/tags/${tag}`);
}

async function requestToken(
  tag: StagingTag,
  credential: Credential,
  { management, observer }: HubContext,
): Promise<string> {
  const scope = { repository: tag.repository.path, actions: ['pull', 'push'] } as const;
  const { username, password, source } = passwordOf(credential, { registry: dockerHub, scope });
  const response = await management.toService({
    method: 'POST',
    url: new URL(`${hub}/v2/auth/token`),
    headers: { accept: 'application/json', 'content-type': 'application/json' },
    body: Buffer.from(JSON.stringify({ identifier: username, secret: password }), 'utf8'),
    maxBodyBytes: maxShortBody,
  });
  const token = response.status === 200 ? tokenIn(response.body) : undefined;
  if (token === undefined) {
    throw new AuthError(
      'TOKEN',
      `hub.docker.com returned no token for the login from ${source} (${response.status})`,
      {
        hint: removalHint(tag, response.status),
      },
    );
  }
  if (token.length >= minMaskedLength) observer.secret(token);
  return token;
}

function tokenIn(body: Uint8Array): string | undefined {
  try {
    const answer: unknown = JSON.parse(Buffer.from(body).toString('utf8'));
    const token =
      typeof answer === 'object' && answer !== null && 'access_token' in answer && answer.access_token;
    return typeof token === 'string' && /^[\x21-\x7e]+$/.test(token) ? token : undefined;
  } catch {
    return undefined;
  }
}
