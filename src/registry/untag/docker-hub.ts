import { passwordOf } from '../../auth/authorized.ts';
import type { Credential } from '../../credentials/credential.ts';
import { maxShortBody } from '../../http/message.ts';
import { dockerHub } from '../../oci/reference.ts';
import { AuthError } from '../../run/errors.ts';
import { Memo } from '../../run/memo.ts';
import type { Observer } from '../../run/observer.ts';
import type { Management } from '../registry-request.ts';
import { removalHint } from './removal-error.ts';
import type { StagingTag } from './staging-tag.ts';
import { confirmRemoval, type LookContext, lookAt, type TagRemover, unlessGone } from './tag-remover.ts';

const hub = 'https://hub.docker.com';

/** Characters of the shortest token that is masked. */
const minMaskedLength = 16;

/** The services that remove tags of Docker Hub. */
interface HubContext extends LookContext {
  readonly management: Management;
  readonly observer: Pick<Observer, 'secret'>;
}

/**
 * Removes tags of Docker Hub with the API of hub.docker.com and a token for the login of Docker Hub, which is not sent
 * anywhere else. https://docs.docker.com/reference/api/hub/latest/
 */
export function dockerHubRemover(context: HubContext): TagRemover {
  const tokens = new Memo<Credential, string>();
  const tokenFor = async (tag: StagingTag): Promise<string> => {
    const credential = await context.management.credentials.find(dockerHub, tag.repository.path, [
      'pull',
      'push',
    ]);
    return tokens.get(credential, () => requestToken(tag, credential, context));
  };
  return {
    ask: async (tag) => {
      await tokenFor(tag);
    },
    remove: async (tag) => removeTag(tag, await context.cancellation.reading(tokenFor(tag)), context),
  };
}

async function removeTag(tag: StagingTag, token: string, context: HubContext): Promise<'removed' | 'absent'> {
  const { management, removals, cancellation } = context;
  if ((await lookAt(tag, context)) === 'absent') return 'absent';
  removals.mark(tag, 'underway');
  const request = management.toService({
    method: 'DELETE',
    url: tagUrl(tag),
    headers: { accept: 'application/json' },
    originHeaders: { authorization: `Bearer ${token}` },
    maxBodyBytes: maxShortBody,
    alreadyApplied: unlessGone(context, tag),
  });
  const response = await cancellation.writing(request);
  await confirmRemoval(tag, response, removalHint(tag, response.status), context);
  return 'removed';
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
  if (token.length >= minMaskedLength) observer.secret(token, 'server');
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
