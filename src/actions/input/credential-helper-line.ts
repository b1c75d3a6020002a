import { type Digest, parseDigest } from '../../oci/digest.ts';
import { FormatError, quote } from '../../oci/format-error.ts';
import { isLoopbackRegistry } from '../../oci/reference.ts';

/** A credential helper to fetch: one line of the `credential-helpers` input. */
export interface CredentialHelperLine {
  readonly program: string;
  readonly url: URL;
  readonly digest: Digest;
}

const form =
  'name https://… sha256:…, such as `ecr-login https://example.com/docker-credential-ecr-login sha256:` and 64 hex digits';
const prefix = 'docker-credential-';

/** Reads one line, `name url sha256:…`; throws FormatError. */
export function parseCredentialHelper(text: string): CredentialHelperLine {
  const [name = '', address = '', hash = '', ...rest] = text.split(/\s+/);
  if (hash === '' || rest.length > 0)
    throw new FormatError(`${quote(text)} is not a name, a URL and a digest`, form);
  const bare = name.startsWith(prefix) ? name.slice(prefix.length) : name;
  if (!/^[A-Za-z0-9][A-Za-z0-9._-]*$/.test(bare))
    throw new FormatError(`${quote(name)} is not the name of a helper`, form);
  return { program: prefix + bare, url: parseAddress(address), digest: parseDigest(hash) };
}

// The digest protects the bytes; https protects a signed URL.
function parseAddress(text: string): URL {
  const url = URL.parse(text);
  if (url !== null && (url.username !== '' || url.password !== ''))
    throw new FormatError(`the URL of ${url.host} contains a user name, which is not sent`, form);
  const isSafe = url?.protocol === 'https:' || (url?.protocol === 'http:' && isLoopbackRegistry(url.host));
  if (url === null || !isSafe) throw new FormatError(`${quote(text)} is not an https URL`, form);
  return url;
}
