import { isAttestation } from '../../oci/attestation.ts';
import type { Descriptor } from '../../oci/descriptor.ts';
import type { Digest } from '../../oci/digest.ts';
import type { Manifest } from '../../oci/manifest.ts';
import { describePlatform } from '../../oci/platform.ts';
import { Memo } from '../../run/memo.ts';
import type { ContentStore } from '../../sources/source.ts';
import { readTree, type TreeEntry, TreeLimits } from '../index-tree.ts';
import type { AssembledList } from '../list.ts';
import { type Member, sourceLimits } from '../member.ts';

/** A manifest that a repository must hold, with all that is under it, and the store to read it from. */
export interface Content {
  readonly manifest: Manifest;
  readonly store: ContentStore;
  /** As log lines name it: `linux/arm64`. */
  readonly label: string;
  /** The entries of an index. */
  readonly children: readonly Content[];
  /** Set for an attestation that its list names. */
  readonly kind?: 'attestation' | undefined;
}

/**
 * The content that a repository needs before a tag there can point to the list: its members, or the whole source if it is
 * published unchanged.
 */
export async function contentOf({
  resolvedSources,
  members,
  manifest: { digest },
}: AssembledList): Promise<readonly Content[]> {
  const root = resolvedSources.find(({ manifest }) => manifest.digest === digest);
  if (root === undefined) return Promise.all(members.map(wholeMember));
  const known = new Map(members.map((member) => [member.manifest.digest, memberContent(member)]));
  return [
    known.get(digest) ?? (await treeOf(root.manifest, root.store, 'the list', sourceLimits(root), known)),
  ];
}

/** A manifest with everything that it lists, read from its store once each; `known` contents are not read. */
export async function treeOf(
  manifest: Manifest,
  store: ContentStore,
  label: string,
  limits: TreeLimits,
  known: ReadonlyMap<Digest, Content> = new Map(),
): Promise<Content> {
  const manifests = new Memo<Digest, Manifest>();
  const read = ({ digest, size }: Descriptor): Promise<Manifest> =>
    manifests.get(digest, async () => known.get(digest)?.manifest ?? store.getManifest(digest, size));
  const entryContent = ({ entry, manifest, entries }: TreeEntry): Content =>
    known.get(entry.digest) ?? {
      manifest,
      store,
      label: entry.platform === undefined ? entry.digest : describePlatform(entry.platform),
      children: entries.map(entryContent),
      kind: isAttestation(entry, manifest) ? 'attestation' : undefined,
    };
  const { content } = manifest;
  const entries = content.kind === 'index' ? await readTree(content, { read, limits }) : [];
  return { manifest, store, label, children: entries.map(entryContent) };
}

// An entry that an amended list keeps may be an index.
async function wholeMember(member: Member): Promise<Content> {
  const { manifest, store } = member;
  if (manifest.content.kind === 'image') return memberContent(member);
  const label = memberLabel(member);
  const limits = new TreeLimits(`${label} in ${store.name}`, 'Publish the whole list once without `amend`.');
  return treeOf(manifest, store, label, limits);
}

function memberContent(member: Member): Content {
  const { manifest, store, kind } = member;
  const label = memberLabel(member);
  return { manifest, store, label, children: [], kind: kind === 'attestation' ? kind : undefined };
}

function memberLabel({ descriptor, kind, attestationSubject, label }: Member): string {
  if (kind === 'attestation') return `the attestation of ${attestationSubject ?? label}`;
  return descriptor.platform === undefined ? label : describePlatform(descriptor.platform);
}

/** Contents with all that is under them, children first, each digest once. */
export function flattened(contents: readonly Content[]): readonly Content[] {
  const found = new Map<Digest, Content>();
  const visit = (content: Content): void => {
    if (found.has(content.manifest.digest)) return;
    content.children.forEach(visit);
    found.set(content.manifest.digest, content);
  };
  contents.forEach(visit);
  return [...found.values()];
}
