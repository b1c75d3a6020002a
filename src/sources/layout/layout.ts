import { attestationSubject, isAttestation } from '../../oci/attestation.ts';
import type { Descriptor } from '../../oci/descriptor.ts';
import type { Digest } from '../../oci/digest.ts';
import { quote } from '../../oci/format-error.ts';
import { assembleIndex } from '../../oci/image-index.ts';
import { objectAt, parseJsonDocument, stringAt } from '../../oci/json-document.ts';
import { type Manifest, manifestLimit, parseManifest } from '../../oci/manifest.ts';
import { isConfigType, manifestTypes } from '../../oci/media-types.ts';
import type { SourceError } from '../../run/errors.ts';
import type { LayoutPick, Resolved, SourceContext, SourceLine } from '../source.ts';
import { parseSource, placeOf } from '../source-error.ts';
import { TreeLimits } from '../tree-limits.ts';
import {
  hasTag,
  imageName,
  type LayoutFiles,
  layoutError,
  layoutFile,
  namesOf,
  refName,
} from './layout-files.ts';
import { isAttached } from './layout-referrers.ts';
import { LayoutStore, readWhole } from './layout-store.ts';

/** Bytes of the `oci-layout` file, which needs about 30. */
const maxMarkerSize = 4096;

interface Layout {
  readonly files: LayoutFiles;
  readonly store: LayoutStore;
  readonly entries: readonly Descriptor[];
}

interface LayoutEntry {
  readonly manifest: Manifest;
  /** Its entry in index.json; missing for a manifest that a nested index lists. */
  readonly entry?: Descriptor;
}

/**
 * Finds the images of a layout (OCI image-spec 1.1, image-layout.md). With a tag: the entries of index.json whose ref.name, or containerd's image name, is that tag or a reference with
 * that tag. With a digest: that manifest, listed in index.json or below it. With neither: every image listed, each once
 * however many tags it has; artifacts and signatures beside images are skipped, and so is an image without a name that
 * a list beside it has, since oras lists both. An attestation that is listed beside its image is returned with it, as
 * one index of the two. Throws SourceError when it is not a layout, or has no such image.
 */
export async function resolveImages(
  files: LayoutFiles,
  line: SourceLine,
  pick: LayoutPick | undefined,
  { budget }: Pick<SourceContext, 'budget'>,
): Promise<readonly Resolved[]> {
  await checkMarker(files);
  const entries = await readEntries(files);
  const layout = { files, store: new LayoutStore(files, entries, budget), entries };
  const images = await findImages(layout, pick);
  const named = pick !== undefined || images.length > 1;
  return Promise.all(
    images.map(async (image) => {
      const label = named ? files.name + suffix(image) : files.name;
      return { line, label, store: layout.store, ...(await content(image, layout)) };
    }),
  );
}

async function checkMarker(files: LayoutFiles): Promise<void> {
  if ((await files.size('oci-layout')) === undefined) {
    const message = 'this is not an OCI layout: the file oci-layout is missing';
    throw (await savedImage(files)) ?? layoutError(files, message, { hint: layoutHint });
  }
  const bytes = await readWhole(files, 'oci-layout', maxMarkerSize);
  const version = parseSource(layoutFile(files, 'oci-layout'), () => {
    const { imageLayoutVersion } = objectAt(parseJsonDocument(bytes), 'the file');
    return stringAt(imageLayoutVersion, 'imageLayoutVersion');
  });
  if (/^1\.[0-9.]+$/.test(version)) return;
  throw layoutError(files, 'the layout has an unsupported version', { hint: 'Expected a version 1.x.' });
}

const layoutHint =
  'Create one with `docker buildx build --output type=oci,dest=app.tar` or `skopeo copy … oci-archive:app.tar`.';

async function readEntries(files: LayoutFiles): Promise<readonly Descriptor[]> {
  const bytes = await readWhole(files, 'index.json', manifestLimit);
  const { content } = parseSource(layoutFile(files, 'index.json'), () => parseManifest(bytes, undefined));
  if (content.kind === 'index') return content.manifests;
  throw layoutError(files, 'index.json is not an image index');
}

async function findImages(layout: Layout, pick: LayoutPick | undefined): Promise<readonly LayoutEntry[]> {
  const listed = pickEntries(layout.entries, pick);
  const subject = `${placeOf(layout.files)}: ${layout.files.name}`;
  new TreeLimits(subject, 'Name one image of it, by its tag or digest.').count(listed);
  const read = await Promise.all(listed.map((entry) => readEntry(entry, layout)));
  const images = read
    .filter(({ entry, manifest }) => !isAttestation(entry, manifest))
    .filter(pick === undefined ? isImageOf(read) : () => true);
  if (images.length > 0) return images;
  if (pick === undefined || 'tag' in pick) throw noImage(layout, pick);
  return [{ manifest: await layout.store.getManifest(pick.digest) }];
}

function pickEntries(entries: readonly Descriptor[], pick: LayoutPick | undefined): readonly Descriptor[] {
  const images = entries.filter(({ mediaType }) => manifestTypes.includes(mediaType));
  if (pick === undefined) return unique(images);
  if ('digest' in pick) return unique(images.filter(({ digest }) => digest === pick.digest));
  const exact = images.filter((entry) => namesOf(entry).includes(pick.tag));
  return unique(exact.length > 0 ? exact : images.filter((entry) => namesOf(entry).some(hasTag(pick.tag))));
}

function unique(entries: readonly Descriptor[]): readonly Descriptor[] {
  const first = new Map(entries.toReversed().map((entry) => [entry.digest, entry]));
  return entries.filter((entry) => first.get(entry.digest) === entry);
}

async function readEntry(entry: Descriptor, { files, store }: Layout): Promise<Required<LayoutEntry>> {
  const manifest = await store.getManifest(entry.digest);
  if (manifest.size === entry.size && manifest.mediaType === entry.mediaType) return { manifest, entry };
  const actual = `${manifest.size} bytes of ${manifest.mediaType}`;
  throw layoutError(
    files,
    `index.json lists ${entry.digest} as ${entry.size} bytes of ${entry.mediaType}, but it is ${actual}`,
  );
}

function isImageOf(all: readonly LayoutEntry[]): (one: Required<LayoutEntry>) => boolean {
  const lists = all.flatMap(({ manifest: { content } }) =>
    content.kind === 'index' ? content.manifests : [],
  );
  const listed = new Set(lists.map(({ digest }) => digest));
  return ({ entry, manifest: { content } }) => {
    if (content.kind === 'image' && !isConfigType(content.config.mediaType)) return false;
    return !isAttached(entry) && (namesOf(entry).length > 0 || !listed.has(entry.digest));
  };
}

function suffix({ manifest, entry }: LayoutEntry): string {
  const name = entry?.annotations?.[refName];
  return name === undefined ? `@${manifest.digest}` : `:${name}`;
}

async function content({ manifest, entry }: LayoutEntry, layout: Layout) {
  const attestations = await readAttestations(manifest.digest, layout);
  if (entry !== undefined && attestations.length > 0) {
    const index = assembleIndex([withoutNames(entry), ...attestations], { format: 'oci' });
    layout.store.hold(index);
    return { manifest: index };
  }
  const platform = manifest.content.kind === 'image' ? entry?.platform : undefined;
  return platform ? { manifest, platform } : { manifest };
}

// An image may be annotated as an attestation, too.
async function readAttestations(subject: Digest, layout: Layout): Promise<readonly Descriptor[]> {
  const claimed = unique(layout.entries.filter((entry) => attestationSubject(entry) === subject));
  const read = await Promise.all(claimed.map((entry) => readEntry(entry, layout)));
  return read.filter(({ entry, manifest }) => isAttestation(entry, manifest)).map(({ entry }) => entry);
}

/** The entry without the annotations that only a layout needs. */
function withoutNames({ annotations = {}, ...entry }: Descriptor): Descriptor {
  const kept = Object.entries(annotations).filter(([name]) => name !== refName && name !== imageName);
  return kept.length === 0 ? entry : { ...entry, annotations: Object.fromEntries(kept) };
}

function noImage({ files, entries }: Layout, pick: { readonly tag: string } | undefined): SourceError {
  const names = [...new Set(entries.flatMap(namesOf))].slice(0, 10).map(quote);
  const message = pick ? `it has no image named ${quote(pick.tag)}` : 'it has no image';
  const hint = names.length > 0 ? `Choose one of ${names.join(', ')}.` : layoutHint;
  return layoutError(files, message, { hint });
}

/**
 * The error for a directory or an archive that other tools write in place of a layout: docker's own form (moby,
 * image/tarexport; containers/image, docker-archive), or skopeo's form of a directory (containers/image, directory).
 * Undefined for anything else.
 */
async function savedImage(files: LayoutFiles): Promise<SourceError | undefined> {
  const path = files.name.slice(files.name.indexOf(':') + 1);
  if (files.code === 'SOURCE_LAYOUT' && (await holds(files, 'version', /^Directory Transport Version/))) {
    const hint = `Convert it: \`skopeo copy ${shown(`dir:${path}`)} ${shown(`oci:${path}-oci`)}\`.`;
    return layoutError(files, "this is skopeo's own form of a directory, not an OCI layout", { hint });
  }
  if (!(await holds(files, 'manifest.json', /"Layers"\s*:/))) return undefined;
  const converted = path.replace(/(?:\.tar)?$/, '-oci.tar');
  const convert =
    files.code === 'SOURCE_ARCHIVE'
      ? `Convert it: \`skopeo copy ${shown(`docker-archive:${path}`)} ${shown(`oci-archive:${converted}`)}\`. Or write`
      : 'Write';
  return layoutError(files, `this is docker's own form of an ${kinds[files.code]}`, {
    hint: `${convert} ${waysOut}`,
  });
}

const kinds = {
  SOURCE_ARCHIVE:
    'archive, as `docker save`, `podman save` and `skopeo copy … docker-archive:` write it, not an OCI layout',
  SOURCE_LAYOUT: 'image, unpacked, not an OCI layout',
};

const waysOut =
  'a layout from the start: `docker buildx build --output type=oci,dest=app.tar`, ' +
  '`podman save --format oci-archive --output app.tar IMAGE`, or `docker save` of Docker 25 and later.';

const maxSize = 1024 * 1024;

async function holds(files: LayoutFiles, path: string, pattern: RegExp): Promise<boolean> {
  if (((await files.size(path)) ?? maxSize + 1) > maxSize) return false;
  return pattern.test(Buffer.from(await readWhole(files, path, maxSize)).toString('utf8'));
}

function shown(text: string): string {
  return /^[\w./:@-]+$/.test(text) ? text : quote(text);
}
