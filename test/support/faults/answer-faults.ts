/** Faults in what an answer says; the request itself takes effect. */

import { redirectedPrefix } from '../registry/registry-names.ts';
import type { Answer, Fault, FaultContext, HeaderValues } from '../wire/wire.ts';
import { withBody } from '../wire/wire-answer.ts';
import type { AnswerFault, RedirectTarget } from './fault-spec.ts';

const digestHeader = 'docker-content-digest';
const nobodysDigest = `sha256:${'0123456789abcdef'.repeat(4)}`;

export function createAnswerFault(spec: AnswerFault): Fault {
  switch (spec.fault) {
    case 'stale-read':
      return ({ proceed }) => proceed({ view: 'previous' });
    case 'wrong-digest-header':
      return changed((answer) => setHeaders(answer, { [digestHeader]: nobodysDigest }));
    case 'no-digest-header':
      return changed((answer) => setHeaders(answer, { [digestHeader]: undefined }));
    case 'wrong-length':
      return wrongLength;
    case 'content-type':
      return changed((answer) => setHeaders(answer, { 'content-type': spec.value }));
    case 'headers':
      return changed((answer) => setHeaders(answer, spec.set));
    case 'redirect':
      return async (context) => redirect(context, spec.to, spec.status ?? 307);
    case 'location':
      return location(spec.form);
    case 'success-status':
      return changed((answer) => {
        const moved = { ...answer, status: spec.status };
        return spec.body === undefined ? moved : withBody(moved, spec.body);
      });
  }
}

/** Changes successful answers and leaves failures as they are. */
function changed(change: (answer: Answer) => Answer): Fault {
  return async ({ proceed }) => {
    const answer = await proceed();
    return answer.status < 300 ? change(answer) : answer;
  };
}

function setHeaders(
  answer: Answer,
  set: Readonly<Record<string, string | readonly string[] | undefined>>,
): Answer {
  const merged = Object.entries({ ...answer.headers, ...set });
  const headers = Object.fromEntries(merged.filter(([, value]) => value !== undefined)) as HeaderValues;
  return { ...answer, headers };
}

async function wrongLength({ request, proceed }: FaultContext): Promise<Answer> {
  const answer = await proceed();
  const length = Number(answer.headers['content-length']);
  if (request.method !== 'HEAD' || Number.isNaN(length)) return answer;
  return setHeaders(answer, { 'content-length': String(length + 1) });
}

async function redirect({ request }: FaultContext, to: RedirectTarget, status: number): Promise<Answer> {
  for await (const _ of request.body);
  const path = request.url.pathname + request.url.search;
  return { status, headers: { location: redirectLocation(path, to) } };
}

function redirectLocation(path: string, to: RedirectTarget): string {
  if (to === 'relative') return redirectedPrefix + path;
  return to === 'loop' ? path : to.origin + path;
}

function location(form: (AnswerFault & { fault: 'location' })['form']): Fault {
  return async ({ origin, proceed }) => {
    const answer = await proceed();
    const current = answer.headers['location'];
    if (typeof current !== 'string') return answer;
    const url = new URL(current, origin);
    return setHeaders(answer, { location: relocated(url, form) });
  };
}

function relocated(url: URL, form: (AnswerFault & { fault: 'location' })['form']): string | undefined {
  if (form === 'missing') return undefined;
  if (form === 'absolute') return url.href;
  const path = url.pathname + url.search;
  return form === 'relative' ? path : form.origin + path;
}
