/** The secret parts of an Authorization value, in every form that a server may repeat it; the longest first. */
export function secretsIn(authorization: string): readonly string[] {
  const [scheme = '', value = ''] = authorization.split(' ');
  if (scheme !== 'Basic') return [value];
  const text = Buffer.from(value, 'base64').toString('utf8');
  const password = text.slice(text.indexOf(':') + 1);
  return [value, text, password].toSorted((a, b) => b.length - a.length);
}

/** A user name and password in the form of RFC 7617, without the scheme's name. */
export function basicPair(username: string, password: string): string {
  return Buffer.from(`${username}:${password}`, 'utf8').toString('base64');
}
