/** The results that a sweep must have. */
import { faultClasses } from '../support/faults/fault-classes.ts';
import type { Sweep, Trial, Verdict } from './sweep.ts';
import { renderTrial } from './table.ts';

const rightVerdicts: readonly Verdict[] = ['survived', 'failed cleanly'];

/**
 * Classes that may end a run at some of its requests, since they say no for good, or since nothing that can be
 * relied on came: every other class must be survived at every request.
 */
const mayEnd: ReadonlySet<string> = new Set([
  'endless body',
  'captive portal',
  '403',
  '404',
  '413',
  '400 unknown child',
  '429 for an hour',
  'other content type',
  '202 for a success',
  'relative redirect',
  'redirect loop',
  'redirect to a dead origin',
  'no Location',
  'Location on a dead origin',
  'no authority any more',
]);

/** Classes in which a host says that it is asked too often; each is followed by the same request again, and no more. */
const limits: ReadonlySet<string> = new Set(
  faultClasses.map(({ name }) => name).filter((name) => /^429|rate limit/.test(name)),
);

/** Everything in a sweep that is not as it must be, a line each. */
export function shortcomings({ requests, trials }: Sweep): readonly string[] {
  return trials.flatMap((trial) => wrongs(trial, requests).map((wrong) => `${wrong}: ${renderTrial(trial)}`));
}

/**
 * A write that was refused is looked at before it is repeated; a refused upload is given up and opened anew; and
 * when a tag is refused for good, the others are looked at, their former lists read, and put back.
 */
function mostFurther({ request, tags }: Trial): number {
  if (request.includes('/uploads/')) return 5;
  return request.startsWith('PUT ') ? 3 * tags : 2;
}

function wrongs(trial: Trial, requests: number): string[] {
  const { verdict, fault, met } = trial;
  return [
    ...(rightVerdicts.includes(verdict) ? [] : ['WRONG']),
    ...(verdict === 'failed cleanly' && !mayEnd.has(fault) ? ['NOT SURVIVED'] : []),
    ...(met ? [] : ['NOT MET']),
    ...(limits.has(fault) && trial.requests > requests + mostFurther(trial) ? ['HAMMERED'] : []),
  ];
}
