import { NetworkError } from '../../../src/run/errors.ts';
import { makeImage } from '../images/images.ts';
import { MemoryRegistry, manifestOf, repositoryOf, type Trouble } from './memory-registry.ts';
import { type AnswerParts, answer } from './wire-rig.ts';

export const repository = repositoryOf('ghcr.io/acme/app');
export const home = 'ghcr.io/acme/app';
export const content = makeImage('linux/amd64');
export const image = manifestOf(content);
export const other = manifestOf(makeImage('linux/arm64'));
export const manifests = '/v2/acme/app/manifests';
export const page = { headers: { 'content-type': 'text/html; charset=utf-8' }, body: '<html>Log in</html>' };
export const reset = new NetworkError('CONNECTION', 'reset');

/** A registry that holds the image as `latest`, with troubles. */
export function registryWith(...troubles: readonly Trouble[]): MemoryRegistry {
  const registry = new MemoryRegistry();
  registry.hold(home, content, 'latest');
  for (const trouble of troubles) registry.trouble(trouble);
  return registry;
}

/** Gives this answer to requests of a method, the first so many times. */
export function on(
  method: string,
  status: number,
  parts: AnswerParts = {},
  times = Number.POSITIVE_INFINITY,
): Trouble {
  let left = times;
  return (request) => {
    if (request.method !== method || left <= 0) return undefined;
    left -= 1;
    return answer(status, { ...parts, url: request.url.href });
  };
}

/** Changes headers of what the registry answers; undefined takes one away. */
export function headers(method: string, change: Readonly<Record<string, string | undefined>>): Trouble {
  return (request, proceed) => {
    if (request.method !== method) return undefined;
    const response = proceed();
    const changed = new Map(response.headers);
    for (const [name, value] of Object.entries(change)) {
      if (value === undefined) changed.delete(name);
      else changed.set(name, [value]);
    }
    return { ...response, headers: changed };
  };
}

/** Fails so many requests of a method; with `after`, once they took effect. */
export function breaks(method: string, when: 'before' | 'after', times = 1): Trouble {
  let left = times;
  return (request, proceed) => {
    if (request.method !== method || left <= 0) return undefined;
    left -= 1;
    if (when === 'after') proceed();
    throw reset;
  };
}

/** The methods asked, in their order. */
export function methodsOf({ requests }: MemoryRegistry): string {
  return requests.map((text) => text.split(' ')[0]).join(' ');
}
