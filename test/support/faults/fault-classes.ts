/** The classes of faults that a sweep puts on each request of a job in turn. */

import type { FaultMatch } from '../wire/wire.ts';
import type { FaultSpec } from './fault-spec.ts';

/** Anything a fault can be put on. */
export interface FaultTarget {
  inject(injection: FaultSpec & { readonly on?: FaultMatch }): void;
}

export interface FaultClass {
  readonly name: string;
  /** Runs into a client's time limits, so it takes as long as they are. */
  readonly slow: boolean;
  /** Puts the fault on the nth request from now on, 1-based. */
  apply(target: FaultTarget, nth: number): void;
}

export const faultClasses: readonly FaultClass[] = [
  once('reset', { fault: 'reset' }),
  once('fin', { fault: 'fin' }),
  once('reset after it took effect', { fault: 'reset-after-store' }),
  once('fin after it took effect', { fault: 'fin-after-store' }),
  once('truncated body', { fault: 'truncated-body' }),
  once('slow body', { fault: 'slow-body' }),
  once('other bytes', { fault: 'other-bytes' }),
  once('endless body', { fault: 'endless-body' }),
  once('endless error body', { fault: 'endless-error-body' }),
  once('captive portal', { fault: 'captive-portal' }),
  ...[408, 500, 502, 503, 504].map((status) => once(`${status}`, { fault: 'status', status })),
  repeated('503 three times', 3, { fault: 'status', status: 503 }),
  once('502 with a page', {
    fault: 'status',
    status: 502,
    headers: { 'content-type': 'text/html' },
    body: '<html><body><h1>502 Bad Gateway</h1></body></html>',
  }),
  once('500 with text', { fault: 'status', status: 500, body: 'out of order\n' }),
  once('403', { fault: 'status', status: 403, code: 'DENIED', message: 'access denied' }),
  once('404', { fault: 'status', status: 404, code: 'NAME_UNKNOWN', message: 'repository name not known' }),
  once('413', { fault: 'status', status: 413, code: 'SIZE_INVALID', message: 'too large' }),
  once('400 unknown child', {
    fault: 'status',
    status: 400,
    code: 'MANIFEST_BLOB_UNKNOWN',
    message: 'blob unknown to registry',
  }),
  once('429 bare', { fault: 'rate-limit', form: 'bare' }),
  once('429 with seconds', { fault: 'rate-limit', form: 'seconds' }),
  once('429 with a date', { fault: 'rate-limit', form: 'http-date' }),
  once("429 in GHCR's form", { fault: 'rate-limit', form: 'ghcr' }),
  once('429 for an hour', { fault: 'rate-limit', form: 'hour' }),
  once('secondary rate limit', { fault: 'secondary-rate-limit' }),
  once('not there yet', { fault: 'lag-404' }),
  once('stale read', { fault: 'stale-read' }),
  once('no HEAD', { fault: 'no-head' }),
  once('wrong digest header', { fault: 'wrong-digest-header' }),
  once('no digest header', { fault: 'no-digest-header' }),
  once('wrong length on HEAD', { fault: 'wrong-length' }),
  once('other content type', { fault: 'content-type', value: 'application/vnd.oci.image.layer.v1.tar' }),
  once('generic content type', { fault: 'content-type', value: 'application/json; charset=utf-8' }),
  once('202 for a success', { fault: 'success-status', status: 202 }),
  once('relative redirect', { fault: 'redirect', to: 'relative' }),
  repeated('redirect loop', 30, { fault: 'redirect', to: 'loop' }),
  once('redirect to a dead origin', { fault: 'redirect', to: { origin: 'http://127.0.0.1:1' } }),
  once('relative Location', { fault: 'location', form: 'relative' }),
  once('no Location', { fault: 'location', form: 'missing' }),
  once('Location on a dead origin', { fault: 'location', form: { origin: 'http://127.0.0.1:1' } }),
  once('no authority any more', { fault: 'unauthorized' }),
  once('restart', { fault: 'restart', milliseconds: 300 }),
  slow('never answered', { fault: 'never-answer' }),
  slow('never answered after it took effect', { fault: 'never-answer-after-store' }),
  slow('stalled body', { fault: 'stalled-body' }),
];

function once(name: string, spec: FaultSpec): FaultClass {
  return repeated(name, 1, spec);
}

function repeated(name: string, times: number, spec: FaultSpec): FaultClass {
  return { name, slow: false, apply: (target, nth) => target.inject({ ...spec, on: { nth, times } }) };
}

function slow(name: string, spec: FaultSpec): FaultClass {
  return { ...once(name, spec), slow: true };
}
