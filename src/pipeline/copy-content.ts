import type { Digest } from '../oci/digest.ts';
import type { Manifest } from '../oci/manifest.ts';
import { describePlatform } from '../oci/platform.ts';
import type { ContentStore } from '../sources/source.ts';
import type { Member } from './member.ts';
import type { Plan } from './plan.ts';

/** A manifest that a repository must hold, all that is under it, and where that can be read. */
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
  const root = plan.roots.find(({ manifest }) => manifest.digest === index.digest);
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
}

/** A manifest with everything an index lists, read from its store unless it is known. */
export async function treeOf(tree: Tree): Promise<Content> {
  const { manifest, store, label, known } = tree;
  const entries = manifest.content.kind === 'index' ? manifest.content.manifests : [];
  const children = entries.map(async ({ digest, platform }) => {
    const child = known?.get(digest);
    if (child !== undefined) return child;
    const name = platform === undefined ? digest : describePlatform(platform);
    return treeOf({ ...tree, manifest: await store.getManifest(digest), label: name });
  });
  return { manifest, store, label, children: await Promise.all(children) };
}

function memberContent(member: Member): Content {
  const { manifest, store } = member;
  return { manifest, store, label: memberLabel(member), children: [] };
}

function memberLabel({ descriptor, attests, label }: Member): string {
  if (attests !== undefined) return `the attestation of ${attests}`;
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
