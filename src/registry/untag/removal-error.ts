import { failureOf, type HttpResponse } from '../../http/message.ts';
import { isRateLimit } from '../../http/rate-limit.ts';
import { RegistryError } from '../../run/errors.ts';
import { errorCodes, isWebPage } from '../refusal.ts';
import type { StagingTag } from './staging-tag.ts';

/**
 * The error for a response that refuses a removal: RegistryError TAG_NOT_REMOVED with the registry's own codes. `hint`
 * says how else to remove the tag.
 */
export function removalError(response: HttpResponse, hint: string): RegistryError {
  const { status } = response;
  // Do not quote the text of another host, or a web page.
  const isQuoted = response.answeredBy === undefined && !isWebPage(response);
  const codes = isQuoted ? errorCodes(response) : [];
  const texts = codes.map(({ code, message }) => (message === '' ? code : `${code}: ${message}`));
  const message = `${response.url.host} refused to remove the tag (${[status, ...texts].join(', ')})`;
  const failure = failureOf('DELETE', response, { codes: codes.map(({ code }) => code) });
  const isTemporary = status >= 500 || isRateLimit(response);
  return new RegistryError('TAG_NOT_REMOVED', message, failure, {
    hint: isTemporary ? 'Remove the tag later: the failure of the registry is temporary.' : hint,
  });
}

/** The error for a removal that is not tried. */
export function notRemovable({ repository }: StagingTag, message: string, hint: string): RegistryError {
  const failure = { method: 'DELETE', url: `https://${repository.registry}`, status: 0, codes: [] };
  return new RegistryError('TAG_NOT_REMOVED', message, failure, { hint });
}

/** Whether a response says that the tag no longer exists: removed now, or missing before. */
export function isGone(response: HttpResponse): boolean {
  const { status } = response;
  return !isWebPage(response) && (status === 404 || (status >= 200 && status < 300));
}
