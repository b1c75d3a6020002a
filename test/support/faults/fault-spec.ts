/** The faults by name, each with its parameters. */
import type { Fault, FaultContext } from '../wire/wire.ts';

export type FaultSpec = ConnectionFault | BodyFault | RefusalFault | AnswerFault | TimingFault | CustomFault;

export type ConnectionFault =
  /** Resets the connection (or, over HTTP/2, the session) before anything is done. */
  | { readonly fault: 'reset' }
  /** Reads the request, does nothing, and closes without an answer. */
  | { readonly fault: 'fin' }
  /** The request takes effect; then the connection is reset. */
  | { readonly fault: 'reset-after-store' }
  /** The request takes effect; then the connection is closed. */
  | { readonly fault: 'fin-after-store' }
  /** Takes the request and holds the connection open. */
  | { readonly fault: 'never-answer' }
  /** The request takes effect, the answer never comes. */
  | { readonly fault: 'never-answer-after-store' }
  /** Closes all connections and refuses new ones for a while. */
  | { readonly fault: 'restart'; readonly milliseconds?: number }
  /** HTTP/2: says GOAWAY and answers nothing. Over HTTP/1.1 the same as `fin`. */
  | { readonly fault: 'goaway' }
  /** HTTP/2: REFUSED_STREAM. Over HTTP/1.1 the same as `fin`. */
  | { readonly fault: 'refused-stream' };

export type BodyFault =
  /** Promises the whole body, sends half and closes. */
  | { readonly fault: 'truncated-body' }
  /** Sends half of the body and then nothing more. */
  | { readonly fault: 'stalled-body' }
  /** Sends the body in so many pieces with a pause after each. */
  | { readonly fault: 'slow-body'; readonly pieces?: number; readonly milliseconds?: number }
  /** A successful answer whose body has no end. */
  | { readonly fault: 'endless-body' }
  /** A 500 (or `status`) whose body has no end. */
  | { readonly fault: 'endless-error-body'; readonly status?: number }
  /** A log-in page with status 200. */
  | { readonly fault: 'captive-portal' }
  /** A well-formed document that is not the one whose digest the header states. */
  | { readonly fault: 'other-bytes' };

export type RefusalFault =
  | {
      readonly fault: 'status';
      readonly status: number;
      readonly headers?: Readonly<Record<string, string>>;
      /** The body as it is; without it a registry's error document of `code` and `message`. */
      readonly body?: string;
      readonly code?: string;
      readonly message?: string;
    }
  | {
      readonly fault: 'rate-limit';
      /** `bare`: no hint at all. `ghcr`: in the message. `hour`: Retry-After 3600. */
      readonly form: 'bare' | 'seconds' | 'http-date' | 'ghcr' | 'hour';
      /** Default 429. */
      readonly status?: number;
      /** For `seconds` and `http-date`; default 1. */
      readonly seconds?: number;
    }
  | { readonly fault: 'secondary-rate-limit' }
  /** Manifest reads answer 404 MANIFEST_UNKNOWN. */
  | { readonly fault: 'lag-404' }
  /** HEAD is refused; every other method works. */
  | { readonly fault: 'no-head'; readonly status?: number }
  /** The token presented is revoked: 401 with the usual challenge. */
  | { readonly fault: 'unauthorized' }
  /** The token lacks this scope; 401 unless `status` says 403. */
  | { readonly fault: 'insufficient-scope'; readonly scope: string; readonly status?: 401 | 403 };

export type AnswerFault =
  /** Reads of a tag show what it held before its last write. */
  | { readonly fault: 'stale-read' }
  | { readonly fault: 'wrong-digest-header' }
  | { readonly fault: 'no-digest-header' }
  /** Content-Length of a HEAD answer is one too many. */
  | { readonly fault: 'wrong-length' }
  | { readonly fault: 'content-type'; readonly value: string }
  /** Sets headers of the answer; undefined takes one away. */
  | {
      readonly fault: 'headers';
      readonly set: Readonly<Record<string, string | readonly string[] | undefined>>;
    }
  | { readonly fault: 'redirect'; readonly to: RedirectTarget; readonly status?: number }
  | {
      readonly fault: 'location';
      readonly form: 'relative' | 'absolute' | 'missing' | { readonly origin: string };
    }
  /** The request takes effect, its success has another status, and perhaps another body. */
  | { readonly fault: 'success-status'; readonly status: number; readonly body?: string };

/** `relative`: to a path that the same server answers as the original; `loop`: to itself; else an origin. */
export type RedirectTarget = 'relative' | 'loop' | { readonly origin: string };

export type TimingFault =
  /** The request is acted on only after so many milliseconds. */
  | { readonly fault: 'delay'; readonly milliseconds: number }
  /** Something happens before the request is acted on. */
  | { readonly fault: 'before'; readonly call: (context: FaultContext) => unknown }
  /** Something happens after the request took effect and before it is answered. */
  | { readonly fault: 'after'; readonly call: (context: FaultContext) => unknown };

export interface CustomFault {
  readonly fault: 'custom';
  readonly apply: Fault;
}
