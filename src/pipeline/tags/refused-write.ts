import type { Digest } from '../../oci/digest.ts';
import { formatReference } from '../../oci/reference.ts';
import { isMissingChild } from '../../registry/put-manifest.ts';
import { type ActionError, AuthError, ConflictError, RegistryError } from '../../run/errors.ts';
import type { AssembledList } from '../list.ts';
import type { TargetTag } from '../request.ts';

const refusedWrites: ReadonlySet<number> = new Set([400, 405, 409, 412, 422]);

/** Whether a registry denied the write of a tag itself. */
export function isRefusedWrite(error: ActionError): boolean {
  if (error instanceof AuthError) return true;
  return error instanceof RegistryError && refusedWrites.has(error.failure.status) && !isMissingChild(error);
}

const immutableWords = /\b(TAG_INVALID|TAG_IMMUTABLE|DENIED|PRECONDITION)\b|immutab|overwrit|already exists/i;

/** Whether the registry's answer, which the message ends with, says that a tag is immutable, or may mean that. */
function saysImmutable({ message }: ActionError): boolean {
  const [, answer = ''] = /.*? (\(\d{3}\b.*)$/s.exec(message) ?? [];
  return answer.startsWith('(409') || (immutableWords.test(answer) && !/permission/i.test(answer));
}

/** The error of a denied write, with what the tag holds. */
export function besideHeld(
  { list: { manifest }, tag }: { readonly list: Pick<AssembledList, 'manifest'>; readonly tag: TargetTag },
  held: Digest,
  cause: ActionError,
): ActionError {
  // 403 may mean that the tag is immutable, or that the login may not push.
  const remedy = 'Publish a new tag if this one is immutable.';
  if (cause instanceof AuthError) {
    const message = `${cause.message}; the tag holds ${held}, not ${manifest.digest}`;
    const hint = [cause.hint, saysImmutable(cause) && remedy].filter(Boolean).join(' ');
    return new AuthError(cause.code, message, { hint, cause });
  }
  if (!isRefusedWrite(cause) || !saysImmutable(cause)) return cause;
  return new ConflictError(
    'TAG_REFUSED',
    `${formatReference(tag)} holds ${held} and the registry refuses to move it to ${manifest.digest}: ${cause.message}`,
    { hint: remedy, cause },
  );
}
