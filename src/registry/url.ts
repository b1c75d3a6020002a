/** A URL as messages may show it: no query, no userinfo, no fragment. */
export function redacted(url: URL): string {
  return `${url.origin}${url.pathname}`;
}
