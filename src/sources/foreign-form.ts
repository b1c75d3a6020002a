/** A form of something else: its pattern, what is wrong, and what to write. `$0`, `$1` … stand for what was found. */
export type ForeignForm = readonly [pattern: RegExp, flaw: string, expected: string];

const expression = (text: string): string => `$\{{ ${text} }}`;
const options = 'os|arch|variant|os-version|os-features';
const tools = 'docker|podman|buildah|skopeo|crane|oras|regctl|manifest-tool';
const systems = 'linux|windows|darwin|freebsd';
const architectures = 'amd64|x86_64|arm64|aarch64|arm(?:/v[5-8])?|386|ppc64le|riscv64|s390x|loong64';
const example = 'registry/repository:tag, such as ghcr.io/acme/app:1.0';

/** What only a shell replaces. */
export const shellForms: readonly ForeignForm[] = [
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

/** Placeholders as other tools write them. */
export const placeholderForm: ForeignForm = [
  /(?:\$\{?|\{\{\s?\.?|[<%])(?:TARGET)?(?:os|arch|variant|platform)(?:itecture)?(?:\s?\}{1,2}|[>%]|(?!\w))/i,
  'has $0 in it, which nothing replaces',
  '{os}, {arch}, {variant} or {platform}, in `sources`: each of `platforms` replaces it',
];

const objectForm = (value: string): ForeignForm => [
  /^(?:Object|Array|\[object\nObject\])$/m,
  'is what GitHub writes for a value that is not text',
  `the value as text, such as ${expression(value)}`,
];

/**
 * What people write in place of any item. The words of an item are joined by line breaks, so with the flag `m`, `^` and `$`
 * are the ends of a word.
 */
export const forms: readonly ForeignForm[] = [
  objectForm('toJSON(needs.build.outputs)'),
  [
    /^(?:undefined|null)$/m,
    'has the word $0, which stands for a value that does not exist',
    'the value itself',
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
  [/\\$/, 'ends with a backslash, as lines of a shell script do', 'the line without it'],
  [
    /^\[\s*(?:'|[A-Za-z0-9.-]+\/)|^[^[]+\]$/,
    'is part of a list in brackets',
    'one item per line, or a JSON array of strings in double quotes',
  ],
];

/** A digest without its algorithm. */
export const bareDigest: ForeignForm = [
  /^([^\n]*@)?(?:sha256[-/])?([0-9a-f]{64})(?=\n|$)/,
  'has a digest without "sha256:"',
  '$1sha256:$2',
];

/** What people write in place of the name of an image. */
const nameForms: readonly ForeignForm[] = [
  [
    /^(?:https?:\/\/)?github\.com\/(?:orgs\/|users\/)?([^/\n]+)\/(?:[^/\n]+\/)?(?:packages|pkgs)\/container\/(?:package\/)?([\w.-]+)/,
    "is the page of a package on GitHub's web site",
    'ghcr.io/$1/$2:TAG',
  ],
  [
    /^(?:https?:\/\/)?hub\.docker\.com\/(?:r|_|repository\/docker|layers)\/([\w.-]+(?:\/[\w.-]+)?)/,
    "is a page of Docker Hub's web site",
    'docker.io/$1:TAG',
  ],
  [
    /^(?:type|value|enable|priority|prefix|suffix|name|latest|event|pattern|group|branch)=/,
    'is part of an input of docker/metadata-action',
    `its output, such as ${expression('steps.meta.outputs.tags')}`,
  ],
  [
    /^[a-z][\w-]*(?:\.[\w-]+)+=/,
    'is a label or an annotation',
    `${example}; \`annotations\` is an input of its own`,
  ],
  bareDigest,
  [/^([^\n@]*[^\n@:]):(sha256:[0-9a-f]+)/, 'has ":" before a digest', '$1@$2'],
  [
    /^([^\n@]+)@(?!sha\d)([\w.-]+)(?=\n|$)/,
    'has "@", but no digest',
    '$1:$2 for a tag, or $1@sha256: and 64 digits',
  ],
  [/^([^\n@]*\/[^\n:@]*:)\n([\w.-]+)$/, 'has a space behind ":"', '$1$2'],
  [
    /^([^\n@]*\/[^\n:@]*):(?=\n|$)/,
    'has nothing behind its last ":"',
    '$1 with a tag; if an expression stands there, its value is empty',
  ],
  [
    /^[^\n]*:(-[\w.-]*)(?=\n|$)/,
    'has a tag that begins with "-"',
    'a letter, a digit or "_" before $1; if an expression stands there, its value is empty',
  ],
  [
    /^(\/[^\n:]*:[\w.-]+)(?=\n|$)/,
    'begins with "/"',
    'a registry before it, as in ghcr.io$1; if an expression stands there, its value is empty',
  ],
  [
    /^refs\/(?:tags|heads|pull)\//,
    'is a git ref',
    `${example}; ${expression('github.ref_name')} is the name alone`,
  ],
  [
    /^([^\n@:]*\/[^\n/:@]+)\/(v?\d[\w.-]*|latest)(?=\n|$)/,
    'has "/" where a tag may begin',
    '$1:$2 for a tag',
  ],
];

const bareTagForm = 'registry/repository:tag, such as ghcr.io/acme/app:$0 if that is the tag';
const bareTag: ForeignForm = [
  /^(?:v?\d+(?:[.-][\w.-]*)?|latest)(?=\n|$)/,
  'is a tag without its name',
  bareTagForm,
];

const soleNames = (flaw: string): readonly ForeignForm[] => {
  return [
    [
      /^[0-9a-f]{12,63}(?=\n|$)/,
      flaw,
      `${bareTagForm}, or registry/repository@sha256: and 64 digits for a digest`,
    ],
    [/^[A-Za-z0-9_][\w.-]{0,127}(?=\n|$)/, flaw, bareTagForm],
  ];
};

/** Images outside a registry, in the words of other tools. */
const localForms: readonly ForeignForm[] = [
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
  [/^file:\/\//, 'is the URL of a file', 'oci:DIR or oci-archive:FILE'],
  [/^oci(?:-layout|dir):(?:\/\/)?([^\n]*)/, 'names an OCI layout as buildx and regctl do', 'oci:$1'],
  [
    /^~/,
    'begins with "~", which only a shell replaces',
    'oci:DIR or oci-archive:FILE, with a path in the workspace',
  ],
  [/^[^\n@:]*\.tar(?:\.\w+)?(?=\n|$)/, 'is the path of a file', 'oci-archive:$0 for an OCI archive'],
];

const path: RegExp = /^(?:\.{0,2}[\\/]|[A-Za-z]:[\\/]|[^\n]*\/(?=\n|$))/;

/** What people write around the platform of a source. */
const platformPlaces: readonly ForeignForm[] = [
  [
    new RegExp(`^((?:${systems})/(?:${architectures})(?:/\\w+)?)(?:[,\\n](?:${systems})/[\\w/]+)*$`),
    'is a platform',
    'the source before it, such as ghcr.io/acme/app:1.0 $1',
  ],
  [
    new RegExp(`^((?:${systems})/[\\w/-]+)[=:,\\n]+([^\\n]*[:@/][^\\n]*)`),
    'begins with its platform',
    'the source first, as in $2 $1',
  ],
  [
    new RegExp(`^(${architectures})[=:,\\n]+([^\\n]*[:@/][^\\n]*)`),
    'begins with its architecture',
    'the source first, then os/arch, as in $2 linux/$1',
  ],
  [
    /^[\w./-]+:(?=\n\S*[:@.])/,
    'begins with a key',
    'the source, then its platform, such as ghcr.io/acme/app:1.0 linux/arm64',
  ],
  [
    new RegExp(`^([^\\n]*:[\\w.-]+)[=:,;]((?:${systems})/[\\w/-]+)`),
    'has no space before its platform',
    '$1 $2',
  ],
  [/\n(windows\/\w+)[:@\n]([\d.]+)/, 'has a version behind its platform', '$1 os-version=$2'],
  [new RegExp(`\\n(${systems})\\n(${architectures})$`), 'has its platform in two words', '$1/$2'],
  [
    /^[^\n]+\n(->|=>|[=:]|as|for)\n([\w/]+)$/,
    'has $1 before its platform',
    '$2 behind the source, after a space',
  ],
  [/^platform=(\S+\/\S+)/m, 'has "platform=" before its platform', '$1 alone'],
  [
    /\n\w+\/[\w/]+,\w/,
    'has several platforms',
    'one source and platform per line; for a source that is a list, no platform: `platforms` selects from it',
  ],
];

const sourceForms: readonly ForeignForm[] = [
  ...localForms,
  [
    /^((?:\.{0,2}\/)?(?:[\w-]+\/)*[\w-]+)\/\*+(?=\n|$)/,
    'is a pattern, and names are not completed',
    'digests:$1, which reads every file of a directory',
  ],
  [
    /[*?]/,
    'is a pattern, and names are not completed',
    'every name in full; {arch} and {platform} stand for each of `platforms`',
  ],
  [/^[^\n@:]*\.json(?=\n|$)/, 'is the path of a file', 'metadata:$0 for the metadata of a build'],
  [path, 'is a path', 'oci:DIR, oci-archive:FILE, digests:DIR or metadata:FILE'],
  [/[;|]/, 'has "$0" in it', 'one source per line'],
  ...soleNames('has neither a tag nor a digest'),
];

const imageForms: readonly ForeignForm[] = [
  [/^[[{-]|[\n,]/, 'is not one name', 'the name of one image or list; `platform` is an input of its own'],
  ...localForms,
  [/[*?]/, 'is a pattern', 'the name in full'],
  [path, 'is a path', 'oci:DIR or oci-archive:FILE'],
  bareTag,
];

const separators: ForeignForm = [/[;|]/, 'has "$0" in it', 'one item per line, or commas between them'];

const tagForms: readonly ForeignForm[] = [
  [/^docker-manifest:(.+)/, 'is a local draft', '$1 for the tag'],
  separators,
  [/^[\w./-]+:(?=\n\S*[:@.])/, 'begins with a key', 'the name alone'],
  [new RegExp(`^(?:~|file://|[^\\n@:]*\\.tar(?:\\.\\w+)?(?=\\n|$)|${path.source})`), 'is a path', example],
  [/[*?]/, 'is a pattern', 'every name in full'],
  [/\{(?:os|arch|variant|platform)\}/, 'has $0, which only `sources` replaces', 'every tag in full'],
  [
    /^[^\n]*\n(?!#)/,
    'contains several items on one line',
    'one item per line, in a block that begins with "|"',
  ],
  bareTag,
  ...soleNames('has no tag'),
];

const platformForms: readonly ForeignForm[] = [
  separators,
  [/^(?:all|any)$|[*?]/, 'is no platform', 'each platform in full, such as linux/amd64, one per line'],
  [/^(\w+\/[\w/-]*\w)\/+$/, 'ends with "/"', '$1'],
  [/,/, 'has several platforms', 'one of them'],
  [/\/[^\n]*[:@]/, 'has the form of an image', 'a platform, such as linux/amd64'],
];

/** What people write in place of an image or a platform; the first that fits is taken. */
export const foreignForms = {
  sources: [...forms, ...platformPlaces, placeholderForm, ...shellForms, ...nameForms, ...sourceForms],
  image: [...forms, ...shellForms, ...nameForms, ...imageForms],
  tags: [objectForm('steps.meta.outputs.tags'), ...forms, ...shellForms, ...nameForms, ...tagForms],
  platforms: [...forms, ...shellForms, ...platformForms],
} as const satisfies Readonly<Record<string, readonly ForeignForm[]>>;
