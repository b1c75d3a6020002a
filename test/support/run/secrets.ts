/** Every secret of the running tests, and whether a text gives one away. */

/** Each secret, and the forms in which it would be one still. */
const known = new Map<string, readonly string[]>();
const shortest = 8;

/** Registers a secret and returns it; throws when it is so short that ordinary text would contain it. */
export function secret(value: string): string {
  if (value.length < shortest) throw new Error(`a test's secret has at least ${shortest} characters`);
  if (!known.has(value)) known.set(value, formsOf(value));
  return value;
}

/** Registers a password and what HTTP makes of it together with its user (RFC 7617 §2). */
export function secretOf(username: string, password: string): string {
  secret(Buffer.from(`${username}:${password}`).toString('base64'));
  return secret(password);
}

/** Registers a secret unless it is so short that ordinary text would contain it. */
export function knowSecret(value: string): void {
  if (value.length >= shortest) secret(value);
}

/** The same for a password and its user. */
export function knowSecretOf(username: string, password: string): void {
  if (password.length >= shortest) secretOf(username, password);
}

/** The secrets that stand in a text as they are, in base64 or percent-encoded. */
export function secretsIn(text: string): string[] {
  return [...known].flatMap(([value, forms]) => (forms.some((form) => text.includes(form)) ? [value] : []));
}

function formsOf(value: string): readonly string[] {
  const bytes = Buffer.from(value);
  const encoded = bytes.toString('base64').replace(/=+$/, '');
  return [...new Set([value, encoded, bytes.toString('base64url'), encodeURIComponent(value)])];
}
