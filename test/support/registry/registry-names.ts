/** The grammar of names in a registry's paths (OCI distribution-spec, "Pulling manifests"). */

/** A path under this prefix is answered like the path without it, so that redirects have somewhere to go. */
export const redirectedPrefix = '/redirected';

const repositoryName = /^[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*(?:\/[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*)*$/;
const tagName = /^[a-zA-Z0-9_][a-zA-Z0-9._-]{0,127}$/;
const digestText = /^(?:sha256:[0-9a-f]{64}|sha512:[0-9a-f]{128})$/;

export function isRepositoryName(text: string): boolean {
  return text.length <= 255 && repositoryName.test(text);
}

export function isTagName(text: string): boolean {
  return tagName.test(text);
}

export function isDigestText(text: string): boolean {
  return digestText.test(text);
}
