/** Content put into an in-process registry without the wire, where a scenario needs a lot of it. */
import type { TestContent } from '../support/images/images.ts';
import type { TestRegistry } from '../support/registry/registry.ts';

/** Puts content with all it needs there behind the wire, under a tag or by digest. */
export function store(registry: TestRegistry, repository: string, tag: string, content: TestContent): void {
  for (const child of content.children) store(registry, repository, child.digest, child);
  for (const [digest, blob] of content.blobs) registry.addBlob(repository, { ...blob, digest });
  registry.plant(repository, tag, content);
}
