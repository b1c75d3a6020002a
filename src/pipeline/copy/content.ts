import type { Descriptor } from '../../oci/descriptor.ts';
import type { Digest } from '../../oci/digest.ts';
import type { Manifest } from '../../oci/manifest.ts';
import { describePlatform } from '../../oci/platform.ts';
import type { ContentStore } from '../../sources/source.ts';
import type { Member } from '../member.ts';
import type { Plan } from '../plan.ts';

/** A manifest that a repository must hold, with all that is under it, and the store to read it from. */
export interface Content {
  readonly manifest: Manifest;
  readonly store: ContentStore;
  /** As log lines name it: `linux/arm64`. */
  readonly label: string;
  /** What an index lists. */
  readonly children: readonly Content[];
}

/**
 * What a repository must hold before a tag there is set to `index`: the members of a list that the run made,
 * or all of a source that is published as it is.
 */
export async function contentOf(plan: Plan, index: Manifest): Promise<readonly Content[]> {
  const root = plan.resolvedSources.find(({ manifest }) => manifest.digest === index.digest);
  if (root === undefined) return plan.members.map(memberContent);
  const known = new Map(plan.members.map((member) => [member.manifest.digest, memberContent(member)]));
  return [known.get(index.digest) ?? (await treeOf({ ...root, label: 'the list', known }))];
}

/** A manifest in a store, and where its children may be known from. */
export interface Tree {
  readonly manifest: Manifest;
  readonly store: ContentStore;
  readonly label: string;
  readonly known?: ReadonlyMap<Digest, Content>;
  /** Throws when an index, which is so many deep, 1 for the outermost, lists more than may be read. */
  readonly enter?: (entries: readonly Descriptor[], depth: number) => void;
}

/** A manifest with everything an index lists, read from its store once each unless it is known. */
export function treeOf(tree: Tree): Promise<Content> {
  return new TreeReader(tree).read(tree.manifest, tree.label, 1);
}

class TreeReader {
  readonly #tree: Tree;
  readonly #children = new Map<Digest, Promise<Content>>();

  constructor(tree: Tree) {
    this.#tree = tree;
    for (const [digest, content] of tree.known ?? []) this.#children.set(digest, Promise.resolve(content));
  }

  async read(manifest: Manifest, label: string, depth: number): Promise<Content> {
    const { store } = this.#tree;
    if (manifest.content.kind === 'image') return { manifest, store, label, children: [] };
    const entries = manifest.content.manifests;
    this.#tree.enter?.(entries, depth);
    const children = await Promise.all(entries.map((entry) => this.#child(entry, depth + 1)));
    return { manifest, store, label, children };
  }

  #child(entry: Descriptor, depth: number): Promise<Content> {
    const child = this.#children.get(entry.digest) ?? this.#readChild(entry, depth);
    this.#children.set(entry.digest, child);
    return child;
  }

  async #readChild({ digest, size, platform }: Descriptor, depth: number): Promise<Content> {
    const label = platform === undefined ? digest : describePlatform(platform);
    return this.read(await this.#tree.store.getManifest(digest, size), label, depth);
  }
}

function memberContent(member: Member): Content {
  const { manifest, store } = member;
  return { manifest, store, label: memberLabel(member), children: [] };
}

function memberLabel({ descriptor, attestationSubject, label }: Member): string {
  if (attestationSubject !== undefined) return `the attestation of ${attestationSubject}`;
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
