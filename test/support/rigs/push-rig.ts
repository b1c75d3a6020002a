/** A registry in memory, a clock, and what pushing and verifying take. */

import type { HttpRequest } from '../../../src/http/message.ts';
import { formatReference, parseReference } from '../../../src/oci/reference.ts';
import { targetsOf } from '../../../src/pipeline/plan.ts';
import { type PushParts, readPreviousTags } from '../../../src/pipeline/push.ts';
import { referenceOf, type TargetTag } from '../../../src/pipeline/request.ts';
import { NetworkError } from '../../../src/run/errors.ts';
import { makeImage } from '../images/images.ts';
import { clientOf, MemoryRegistry, manifestOf, type Trouble } from './memory-registry.ts';
import { answer, Told } from './wire-rig.ts';

export const home = 'ghcr.io/acme/app';
/** What tags hold before. */
export const before = makeImage('linux/amd64', { name: 'before' });
/** What somebody else pushes. */
export const foreign = makeImage('linux/amd64', { name: 'foreign' });
/** What is published. */
export const published = manifestOf(makeImage('linux/amd64', { name: 'ours' }));

export function target(text: string): TargetTag {
  const { repository, tag = '' } = parseReference(text.includes(':') ? text : `${home}:${text}`);
  return { repository, tag };
}

export interface PushRig {
  readonly registry: MemoryRegistry;
  readonly told: Told;
  readonly parts: PushParts;
  readonly targets: ReturnType<typeof targetsOf>;
  /** The tags that were set, as they were told. */
  readonly set: string[];
}

/** A registry whose tags hold `before`, except those written with a `+`, which are new. */
export async function pushRig(tags: readonly string[], ...troubles: readonly Trouble[]): Promise<PushRig> {
  const registry = new MemoryRegistry();
  const told = new Told();
  const names = tags.map((tag) => tag.replace('+', ''));
  tags.forEach((tag, at) => {
    const { repository, tag: name } = target(names[at] ?? '');
    if (!tag.startsWith('+')) registry.hold(`${repository.registry}/${repository.path}`, before, name);
  });
  registry.hold(home, foreign);
  const client = clientOf(registry, { observer: told });
  const wanted = names.map(target);
  const previous = readPreviousTags(client, wanted);
  await Promise.all(previous.values());
  registry.requests.length = 0;
  for (const trouble of troubles) registry.trouble(trouble);
  const set: string[] = [];
  const { now, sleep } = registry.clock;
  const parts: PushParts = {
    client,
    observer: told,
    previous,
    now,
    sleep,
    onTag: (tag, state) => {
      if (state === 'set') set.push(formatReference(referenceOf(tag)));
    },
  };
  return { registry, told, parts, targets: targetsOf(wanted), set };
}

/** Whether a request is of this method and ends in this name. */
export function meets(request: HttpRequest, method: string, name: string): boolean {
  return request.method === method && request.url.pathname.endsWith(`/${name}`);
}

/** Refuses requests of a method for a name, the first so many. */
export function refuses(
  method: string,
  name: string,
  status: number,
  more: { readonly code?: string; readonly times?: number } = {},
): Trouble {
  let left = more.times ?? Number.POSITIVE_INFINITY;
  const body =
    more.code === undefined ? '' : JSON.stringify({ errors: [{ code: more.code, message: 'no' }] });
  return (request) => {
    if (!meets(request, method, name) || left <= 0) return undefined;
    left -= 1;
    return answer(status, { body, url: request.url.href });
  };
}

/** Breaks requests of a method for a name, the first so many; with `after` they take effect. */
export function breaks(
  method: string,
  name: string,
  when: 'before' | 'after',
  times = Number.POSITIVE_INFINITY,
): Trouble {
  let left = times;
  return (request, proceed) => {
    if (!meets(request, method, name) || left <= 0) return undefined;
    left -= 1;
    if (when === 'after') proceed();
    throw new NetworkError('CONNECTION', `${name} broke`);
  };
}
