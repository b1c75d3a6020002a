import { isAttestation } from '../../oci/attestation.ts';
import type { Descriptor } from '../../oci/descriptor.ts';
import type { Digest } from '../../oci/digest.ts';
import type { Manifest } from '../../oci/manifest.ts';
import { describePlatform } from '../../oci/platform.ts';
import { sameRepository } from '../../oci/reference.ts';
import { withContext } from '../../run/errors.ts';
import { Memo } from '../../run/memo.ts';
import { type ContentStore, wholeManifest } from '../../sources/source.ts';
import { TreeLimits } from '../../sources/tree-limits.ts';
import { readTree, type TreeEntry } from '../index-tree.ts';
import type { AssembledList } from '../list.ts';
import { type Member, sourceLimits } from '../member.ts';

/** A manifest that a repository must hold, with all that is under it, and the store to read it from. */
export interface Content {
  readonly manifest: Manifest;
  readonly store: ContentStore;
  /** As log lines name it: `linux/arm64`. */
  readonly label: string;
  readonly children: readonly Content[];
  /** Set for an attestation that its list names. */
  readonly kind?: 'attestation' | undefined;
}

/** What a list's repositories need from elsewhere: its members, or the whole source if it is published unchanged. */
export async function contentOf(list: AssembledList): Promise<readonly Content[]> {
  const { resolvedSources, members, manifest, targets } = list;
  const isForeign = ({ store: { repository: own } }: Pick<Member, 'store'>): boolean =>
    own === undefined || targets.some(({ repository }) => !sameRepository(repository, own));
  const root = resolvedSources.find((source) => source.manifest.digest === manifest.digest);
  if (root === undefined) return Promise.all(members.filter(isForeign).map(wholeMember));
  if (!isForeign(root)) return [];
  const contents = await Promise.all(members.map(memberContent));
  const known = new Map(contents.map((content) => [content.manifest.digest, content]));
  const { store } = root;
  return [
    known.get(manifest.digest) ??
      (await treeOf(await wholeManifest(root), store, 'the list', sourceLimits(root), known)),
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
  const entryContent = ({ entry, manifest, entries }: TreeEntry<Manifest>): Content =>
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
  if (member.manifest.content.kind === 'image') return memberContent(member);
  const { store } = member;
  const manifest = await wholeManifest(member);
  const label = memberLabel(member);
  const limits = new TreeLimits(`${label} in ${store.name}`, 'Publish the whole list once without `amend`.');
  return treeOf(manifest, store, label, limits);
}

async function memberContent(member: Member): Promise<Content> {
  const { store, kind } = member;
  const label = memberLabel(member);
  const manifest = await wholeManifest(member).catch((error: unknown) => {
    throw withContext(`${label} from ${member.label}`, error);
  });
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
