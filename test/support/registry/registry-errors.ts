/** The error documents of a registry (OCI distribution-spec, "Error Codes"). */
import type { Answer } from '../wire/wire.ts';

/** An answer with one error in the registry's form. */
export function registryError(status: number, code: string, message: string, detail?: unknown): Answer {
  const error = { code, message, ...(detail !== undefined && { detail }) };
  return {
    status,
    headers: { 'content-type': 'application/json; charset=utf-8' },
    body: `${JSON.stringify({ errors: [error] })}\n`,
  };
}

/** Thrown by a handler to answer with an error. */
export class Refusal extends Error {
  readonly answer: Answer;

  constructor(status: number, code: string, message: string, detail?: unknown) {
    super(`${status} ${code}: ${message}`);
    this.answer = registryError(status, code, message, detail);
  }
}
