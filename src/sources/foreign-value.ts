import { bareDigest, type ForeignForm, forms, placeholderForm, shellForms } from './foreign-form.ts';

const digestForms: readonly ForeignForm[] = [
  [/@(sha\d+:\w+)$/, 'has a name before its digest', '$1'],
  bareDigest,
];

const annotationForms: readonly ForeignForm[] = [
  [
    /^\{\s*"([^"]+)":\s*"([^"]*)"/,
    'is JSON',
    'one annotation per line, without quotes and brackets, as in $1=$2',
  ],
  [/^"([^"]+)":\s*"([^"]*)",?$/, 'is a line of JSON', '$1=$2'],
  [/^[{}[\]]/, 'is JSON', 'one annotation per line as key=value, without quotes and brackets'],
  [/^--?a(?:nnotation)?[=\n](.*)/s, 'begins with an option of a command', '$1'],
  [/^((?:index|manifest)[^\s=]*):\s+(.*)/s, 'has a space behind its level', '$1:$2'],
  [/^([^\s=]+)\s+=\s*(.*)/s, 'has a space before "="', '$1=$2'],
  [/^([\w./-]+):\s+([^=]*)$/, 'has no "="', '$1=$2'],
];

const patternForms: readonly ForeignForm[] = [
  [/^refs\/(?:tags|heads)\/(.+)/, 'is a git ref', '$1'],
  [/[\\^$+()|]/, 'is a regular expression', 'a pattern such as v*, in which * matches any characters'],
  [/^[^\n]*\/[^\n:]*:([^\n]+)/, 'has a repository in it', '$1 alone'],
];

const registryForms: readonly ForeignForm[] = [
  [/[*?]|\/\d{1,3}$/, 'stands for several hosts', 'each registry as host or host:port, one per line'],
  [/^\w+:\/\/(?:[^/\n@]*@)?([^/\n@]+)/, 'is a URL', '$1'],
  [/^([^/\n@]+)\//, 'has a path', '$1'],
];

const pathForms: readonly ForeignForm[] = [
  [/^\/\/(?!localhost)([^./:][^.:/]*(?:\/.*)?)$/, 'has "//" before its path', 'oci:$1'],
  [
    /^\/\/(.*)/,
    'is no image in a registry: `oci:` names a directory',
    '$1 with its tag for an image in a registry, or oci:DIR for a layout',
  ],
  [/^~/, 'begins with "~", which only a shell replaces', 'a path in the workspace, or an absolute path'],
  [
    /[*?]/,
    'is a pattern, and names are not completed',
    'the name in full; {platform} stands for each of `platforms`, and digests:DIR reads every file of DIR',
  ],
];

/** What people write in place of an item that is no image; the first that fits is taken. */
export const foreignValues = {
  annotations: annotationForms,
  paths: [placeholderForm, ...shellForms, ...pathForms],
  patterns: [...forms, ...patternForms],
  digests: digestForms,
  registries: [...forms, ...shellForms, ...registryForms],
} as const satisfies Readonly<Record<string, readonly ForeignForm[]>>;
