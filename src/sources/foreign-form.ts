import { FormatError, quote } from '../oci/format-error.ts';

/** A form of something else: its pattern, what is wrong, and what to write. `$0`, `$1` … stand for what was found. */
type ForeignForm = readonly [pattern: RegExp, flaw: string, expected: string];

const expression = (text: string): string => `$\{{ ${text} }}`;
const options = 'os|arch|variant|os-version|os-features';
const tools = 'docker|podman|buildah|skopeo|crane|oras|regctl|manifest-tool';

/** What only a shell replaces. */
const shellForms: readonly ForeignForm[] = [
  [
    /\$\{(os|arch|variant|platform)\}/,
    'has a "$" before {$1}',
    '{$1} alone, in `sources`: it is replaced by each of `platforms`',
  ],
  [
    /\$\(/,
    'has $0, which only a shell replaces',
    `its result, such as ${expression('steps.NAME.outputs.image')}`,
  ],
  [
    /(?:\$(?:env:)?\{?|%)([A-Za-z_]\w*)[}%]?/,
    'has $0, which only a shell replaces',
    `its value, such as ${expression('env.$1')}`,
  ],
];

/**
 * What people write in place of a name, a source or a platform. The words of an item are joined by line breaks, so `^` and
 * `$` are the ends of a word. The first that fits is taken.
 */
const forms: readonly ForeignForm[] = [
  [
    /^(?:Object|Array)$/m,
    'is what GitHub writes for a value that is not text',
    `the value as text, such as ${expression('toJSON(needs.build.outputs)')}`,
  ],
  [
    /\$\{\{/,
    'has an expression that was not evaluated',
    'its value: GitHub evaluates expressions in workflows, not in files and not in outputs',
  ],
  [/[“”„‟‘’‚‛«»]/, 'has typographic quotes', 'straight quotes, or none'],
  [
    new RegExp(`^(?:(?:\\$|sudo)\\n)*(?:${tools})\\n[a-z]`),
    'is a command',
    'only the names that it has, one per line',
  ],
  [
    new RegExp(`^--(${options})[=\\n](\\S+)`, 'm'),
    'has --$1, an option of docker manifest annotate',
    'the source, then $1=$2',
  ],
  [
    /^--amend\b/m,
    'has --amend, an option of docker manifest create',
    'the name alone; `amend: true` is an input, which keeps what the tag holds',
  ],
  [/^--?[A-Za-z][\w-]*/m, 'has $0, an option of a command', 'the name alone'],
  [
    /^[\w./-]+:(?=\n)/,
    'begins with a key',
    'the source, then its platform, such as ghcr.io/acme/app:1.0 linux/arm64',
  ],
  [/\\$/, 'ends with a backslash, as lines of a shell script do', 'the line without it'],
  ...shellForms,
  [
    /^\[\s*(?:'|[A-Za-z0-9.-]+\/)|^[^[]+\]$/,
    'is part of a list in brackets',
    'one item per line, or a JSON array of strings in double quotes',
  ],
];

const soleName = /^[A-Za-z0-9_][\w.-]{0,127}(?=\n|$)/;
const soleNameForm = 'registry/repository:tag, such as ghcr.io/acme/app:$0 if that is the tag';

const sourceForms: readonly ForeignForm[] = [
  [
    /^docker-archive:([^:\n]*)/,
    "is docker's own form of an archive",
    'oci-archive:FILE; `skopeo copy docker-archive:$1 oci-archive:FILE` converts it',
  ],
  [
    /^dir:([^:\n]*)/,
    "is skopeo's own form of a directory",
    'oci:DIR; `skopeo copy dir:$1 oci:DIR` converts it',
  ],
  [
    /^(?:docker-daemon|containers-storage):/,
    'is an image of this machine, which the action does not read',
    'an image that was pushed to a registry, such as ghcr.io/acme/app:1.0',
  ],
  [/^file:\/\//, 'is the URL of a file', 'oci:DIR, oci-archive:FILE, digests:DIR or metadata:FILE'],
  [/^oci-layout:(?:\/\/)?([^\n]*)/, 'names an OCI layout as buildx does', 'oci:$1'],
  [/^~/, 'begins with "~", which only a shell replaces', 'oci:DIR, oci-archive:FILE or another source'],
  [
    /[*?]/,
    'is a pattern, and names are not completed',
    'every name in full; {arch} and {platform} stand for each of `platforms`',
  ],
  [/^[^\n@:]*\.tar(?:\.\w+)?(?=\n|$)/, 'is the path of a file', 'oci-archive:$0 for an OCI archive'],
  [/^[^\n@:]*\.json(?=\n|$)/, 'is the path of a file', 'metadata:$0 for the metadata of a build'],
  [
    /^(?:\.{0,2}[\\/]|[A-Za-z]:[\\/]|[^\n]*\/(?=\n|$))/,
    'is a path',
    'oci:DIR, oci-archive:FILE, digests:DIR or metadata:FILE',
  ],
  [soleName, 'has neither a tag nor a digest', soleNameForm],
];

const tagForms: readonly ForeignForm[] = [
  [/[*?]/, 'is a pattern', 'every name in full'],
  [soleName, 'has no tag', soleNameForm],
];

const pathForms: readonly ForeignForm[] = [
  [
    /^\/\/(.*)/,
    'is no image in a registry: `oci:` names a directory',
    '$1 with its tag for an image in a registry, or oci:DIR for a layout',
  ],
  [/^~/, 'begins with "~", which only a shell replaces', 'a path in the workspace, or an absolute path'],
  [
    /[*?]/,
    'is a pattern, and names are not completed',
    'the name in full; {platform} stands for each of `platforms`',
  ],
];

/** What an item of an input is; `paths` that do not exist. */
export type ItemKind = 'sources' | 'tags' | 'platforms' | 'paths';

const formsOf: Readonly<Record<ItemKind, readonly ForeignForm[]>> = {
  sources: [...forms, ...sourceForms],
  tags: [...forms, ...tagForms],
  platforms: forms,
  paths: [...shellForms, ...pathForms],
};

/** Explains a text that was refused by what people write in its place; undefined for other texts. */
export function foreignForm(
  text: string,
  kind: ItemKind,
  words: readonly string[] = text.split(/\s+/),
): FormatError | undefined {
  const subject = words.join('\n').slice(0, maxExplained);
  for (const [pattern, flaw, expected] of formsOf[kind]) {
    const found = pattern.exec(subject);
    if (found === null) continue;
    const fill = (sentence: string): string =>
      sentence.replace(/\$(\d)/g, (_, at: string) => shown(found[Number(at)] ?? ''));
    return new FormatError(`${quote(text)} ${fill(flaw)}`, fill(expected));
  }
  return undefined;
}

/** Longer texts are not what people write. */
const maxExplained = 1024;

function shown(found: string): string {
  return quote(found).slice(1, -1);
}
