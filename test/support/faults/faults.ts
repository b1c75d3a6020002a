/** Faults between a registry and its client, by name. */
import { holdRequest, serverPause } from '../wire/test-clock.ts';
import type { Fault } from '../wire/wire.ts';
import { createAnswerFault } from './answer-faults.ts';
import { createBodyFault } from './body-faults.ts';
import { createConnectionFault } from './connection-faults.ts';
import type { FaultSpec, TimingFault } from './fault-spec.ts';
import { createRefusalFault } from './refusal-faults.ts';

/** The fault a description names. */
export function createFault(spec: FaultSpec): Fault {
  switch (spec.fault) {
    case 'custom':
      return spec.apply;
    case 'delay':
    case 'before':
    case 'after':
      return createTimingFault(spec);
    case 'reset':
    case 'fin':
    case 'goaway':
    case 'refused-stream':
    case 'reset-after-store':
    case 'fin-after-store':
    case 'never-answer':
    case 'never-answer-after-store':
    case 'restart':
      return createConnectionFault(spec);
    case 'truncated-body':
    case 'stalled-body':
    case 'slow-body':
    case 'endless-body':
    case 'endless-error-body':
    case 'captive-portal':
    case 'other-bytes':
      return createBodyFault(spec);
    case 'status':
    case 'rate-limit':
    case 'secondary-rate-limit':
    case 'lag-404':
    case 'no-head':
    case 'unauthorized':
    case 'insufficient-scope':
      return createRefusalFault(spec);
    default:
      return createAnswerFault(spec);
  }
}

function createTimingFault(spec: TimingFault): Fault {
  return async (context) => {
    if (spec.fault === 'delay') await holdRequest(serverPause(spec.milliseconds));
    if (spec.fault === 'before') await spec.call(context);
    const answer = await context.proceed();
    if (spec.fault === 'after') await spec.call(context);
    return answer;
  };
}
