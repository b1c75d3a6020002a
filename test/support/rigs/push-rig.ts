/** A registry in memory, a clock, and what the stages need of a run. */

import type { HttpRequest } from '../../../src/http/message.ts';
import type { Manifest } from '../../../src/oci/manifest.ts';
import { formatReference, parseReference } from '../../../src/oci/reference.ts';
import { TagLedger } from '../../../src/pipeline/ledger.ts';
import { type AssembledList, targetsOf } from '../../../src/pipeline/list.ts';
import type { TargetTag } from '../../../src/pipeline/request.ts';
import type { RunContext } from '../../../src/pipeline/run-context.ts';
import type { pushTags } from '../../../src/pipeline/tags/push.ts';
import { Cancellation } from '../../../src/run/cancellation.ts';
import { NetworkError } from '../../../src/run/errors.ts';
import type { Observer } from '../../../src/run/observer.ts';
import { makeImage } from '../images/images.ts';
import { clientOf, MemoryRegistry, manifestOf, type Trouble } from './memory-registry.ts';
import { answer, Told } from './wire-rig.ts';

export const home = 'ghcr.io/acme/app';
/** The content of tags before the run. */
export const before = makeImage('linux/amd64', { name: 'before' });
/** The content that another run pushes. */
export const foreign = makeImage('linux/amd64', { name: 'foreign' });
/** The content that this run publishes. */
export const published = manifestOf(makeImage('linux/amd64', { name: 'ours' }));

export function target(text: string): TargetTag {
  const { repository, tag = '' } = parseReference(text.includes(':') ? text : `${home}:${text}`);
  return { repository, tag };
}

export interface PushRig {
  readonly registry: MemoryRegistry;
  readonly told: Told;
  readonly context: Parameters<typeof pushTags>[1];
  readonly list: AssembledList;
}

/** A list for these tags, of which only the parts for a push are there. */
export function listOf(manifest: Manifest, tags: readonly TargetTag[]): AssembledList {
  const globs = { immutableTags: [], forwardOnlyTags: [] };
  const request = { tags, base: 'replace', removedPlatforms: 'allow', ...globs } as const;
  return {
    request,
    manifest,
    targets: targetsOf(tags),
    members: [],
    resolvedSources: [],
  } as unknown as AssembledList;
}

/** The tags of a list that the run has set. */
export function setTags({ list, context }: PushRig): readonly string[] {
  const isSet = (tag: TargetTag): boolean => /created|moved/.test(context.ledger.status(tag).state);
  return list.request.tags.filter(isSet).map(formatReference);
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
  const wanted = names.map(target);
  const context = contextOf(registry, told);
  const ledger = await ledgerOf(wanted, context);
  registry.requests.length = 0;
  for (const trouble of troubles) registry.trouble(trouble);
  return {
    registry,
    told,
    context: {
      ...context,
      ledger,
      afterFailure: 'restore',
      afterCancel: 'restore',
      guards: { check: async () => undefined, newer: async () => undefined },
    },
    list: listOf(published, wanted),
  };
}

/** A run against a registry in memory, on its clock. */
export function contextOf(registry: MemoryRegistry, observer: Observer = new Told()): RunContext {
  const { now, sleep } = registry.clock;
  const clock = { now, sleep, random: () => 0 };
  return { client: clientOf(registry, { observer }), observer, clock, cancellation: new Cancellation(clock) };
}

/** A ledger, once every read has ended. */
export async function ledgerOf(tags: readonly TargetTag[], context: RunContext): Promise<TagLedger> {
  const ledger = new TagLedger(tags, 'one', context);
  await Promise.allSettled(tags.map((tag) => ledger.of(tag)));
  return ledger;
}

/** Returns true if a request has this method, and its path ends in this name. */
export function meets(request: HttpRequest, method: string, name: string): boolean {
  return request.method === method && request.url.pathname.endsWith(`/${name}`);
}

/** Refuses requests of a method for a name; `times`: only the first of them. */
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

/** Breaks the first `times` requests of a method for a name; with `after` they take effect. */
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
