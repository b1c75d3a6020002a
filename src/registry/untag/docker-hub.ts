import { passwordOf } from '../../auth/authorized.ts';
import { isToken, maskedToken } from '../../auth/token-server.ts';
import type { Credential } from '../../credentials/credential.ts';
import { fieldsIn, maxShortBody } from '../../http/message.ts';
import { dockerHub } from '../../oci/reference.ts';
import { AuthError } from '../../run/errors.ts';
import { Memo } from '../../run/memo.ts';
import type { Observer } from '../../run/observer.ts';
import type { Management } from '../registry-request.ts';
import { removalHint } from './removal-error.ts';
import type { StagingTag } from './staging-tag.ts';
import { type LookContext, type Removal, removeWith, type TagRemover } from './tag-remover.ts';

const hub = 'https://hub.docker.com';

interface HubContext extends LookContext {
  readonly management: Management;
  readonly observer: Pick<Observer, 'secret'>;
}

/**
 * Removes tags of Docker Hub with the API of hub.docker.com and a token for the login of Docker Hub, which is not sent
 * anywhere else. https://docs.docker.com/reference/api/hub/latest/
 */
export function dockerHubRemover(context: HubContext): TagRemover {
  const { management, cancellation } = context;
  const tokens = new Memo<Credential, string>();
  const tokenFor = async (tag: StagingTag): Promise<string> => {
    const credential = await management.credentials.find(dockerHub, tag.repository.path);
    return tokens.get(credential, () => requestToken(tag, credential, context));
  };
  const removal = (token: string): Removal => ({
    send: (tag, alreadyApplied) =>
      management.toService({
        method: 'DELETE',
        url: tagUrl(tag),
        headers: { accept: 'application/json' },
        originHeaders: { authorization: `Bearer ${token}` },
        maxBodyBytes: maxShortBody,
        alreadyApplied,
      }),
    hintFor: removalHint,
  });
  return {
    ask: async (tag) => void (await tokenFor(tag)),
    remove: async (tag) => removeWith(removal(await cancellation.reading(tokenFor(tag))), tag, context),
  };
}

// Every repository of Docker Hub is in a namespace.
function tagUrl({ repository, tag }: StagingTag): URL {
  const [namespace = '', ...rest] = repository.path.split('/').map(encodeURIComponent);
  return new URL(`${hub}/v2/namespaces/${namespace}/repositories/${rest.join('/')}/tags/${tag}`);
}

async function requestToken(tag: StagingTag, credential: Credential, { management, observer }: HubContext) {
  const scope = { repository: tag.repository.path, actions: ['pull', 'push'] } as const;
  const { username, password, source } = passwordOf(credential, { registry: dockerHub, scope });
  const response = await management.toService({
    method: 'POST',
    url: new URL(`${hub}/v2/auth/token`),
    headers: { accept: 'application/json', 'content-type': 'application/json' },
    body: Buffer.from(JSON.stringify({ identifier: username, secret: password }), 'utf8'),
    maxBodyBytes: maxShortBody,
  });
  const { access_token: token } = response.status === 200 ? fieldsIn(response.body) : {};
  if (typeof token === 'string' && isToken(token)) return maskedToken(token, observer);
  const message = `hub.docker.com returned no token for the login from ${source} (${response.status})`;
  throw new AuthError('TOKEN', message, { hint: removalHint(tag, response.status) });
}
