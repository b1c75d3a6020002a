import type { Descriptor } from '../../oci/descriptor.ts';
import type { Digest } from '../../oci/digest.ts';
import type { Manifest } from '../../oci/manifest.ts';
import { formatRepository, type Repository } from '../../oci/reference.ts';
import { putManifestOnceChildrenAppear } from '../../registry/put-manifest.ts';
import { referrerDescriptor } from '../../registry/referrers.ts';
import { AuthError, RegistryError, withContext } from '../../run/errors.ts';
import { Memo } from '../../run/memo.ts';
import type { RunContext } from '../run-context.ts';
import type { BlobCopier } from './blobs.ts';
import { type Content, flattened } from './content.ts';
import { type BlobCounts, countOf, describeCounts, sumOf } from './counts.ts';

/**
 * Copies manifests with everything under them to one repository. They are a graph: a node is a manifest, copied once
 * however many indexes list it; edges lead from an index to what it lists, and from a manifest to its subject, which are
 * copied first: gitlab.com refuses a manifest whose subject it does not have (https://github.com/moby/buildkit/issues/7007).
 */
export class ManifestCopier {
  readonly target: Repository;
  readonly #blobs: BlobCopier;
  readonly #context: RunContext;
  /** The nodes: each settles when the repository holds the manifest and everything under it. */
  readonly #copies = new Memo<Digest, void>();
  readonly #nodes = new Map<Digest, Content>();
  readonly #countedBlobs = new Set<Digest>();
  readonly #unlisted = new Map<Digest, Descriptor[]>();
  #copied = 0;

  constructor(blobs: BlobCopier, context: RunContext) {
    this.target = blobs.target;
    this.#blobs = blobs;
    this.#context = context;
  }

  get copied(): number {
    return this.#copied;
  }

  /** Manifests pushed that refer to a subject, where the registry did not process the subject; by subject. */
  get unlisted(): ReadonlyMap<Digest, readonly Descriptor[]> {
    return this.#unlisted;
  }

  /** Whether a manifest is copied, or being copied. */
  has(digest: Digest): boolean {
    return this.#copies.has(digest);
  }

  /** Makes the repository hold the contents and everything under them; reads and writes each manifest once. */
  async ensure(contents: readonly Content[]): Promise<void> {
    const nodes = flattened(contents);
    const fresh = nodes.filter(({ manifest }) => !this.has(manifest.digest));
    for (const node of fresh) this.#nodes.set(node.manifest.digest, node);
    const missing = this.#findMissing(fresh);
    await Promise.all([missing, this.#copyAll(nodes, missing)]);
  }

  async #copyAll(nodes: readonly Content[], missing: Promise<ReadonlySet<Content>>): Promise<void> {
    const copies = nodes.map((node) => {
      return this.#copies.get(node.manifest.digest, () => this.#copy(node, missing));
    });
    await Promise.all(copies);
  }

  // Looks for all at once, so that the largest blobs of all can start first.
  async #findMissing(nodes: readonly Content[]): Promise<ReadonlySet<Content>> {
    const held = await Promise.all(nodes.map((node) => this.#isHeld(node)));
    const missing = nodes.filter((_, at) => held[at] === false);
    this.#startBlobs(missing);
    return new Set(missing);
  }

  // A registry that holds a manifest holds everything under it.
  async #isHeld(node: Content): Promise<boolean> {
    const { digest } = node.manifest;
    try {
      const head = await this.#context.client.headManifest(this.target, digest);
      // Some registries answer 200 to any request.
      return head?.digest === digest;
    } catch (error) {
      // A login may be allowed to push what it cannot read yet.
      if (error instanceof AuthError || error instanceof RegistryError) return false;
      throw withContext(nameOf(node), error);
    }
  }

  // A large blob that starts last would run on alone.
  #startBlobs(nodes: readonly Content[]): void {
    const blobs = nodes.flatMap(({ manifest, store }) =>
      blobsOf(manifest).map((descriptor) => ({ descriptor, store })),
    );
    blobs.sort((one, other) => other.descriptor.size - one.descriptor.size);
    for (const { descriptor, store } of blobs) {
      // The manifest that needs the blob throws its failure.
      this.#blobs.ensure(descriptor, store).catch(() => undefined);
    }
  }

  async #copy(node: Content, missing: Promise<ReadonlySet<Content>>): Promise<void> {
    const { subject } = node.manifest.content;
    const copied = subject && this.#nodes.get(subject.digest);
    await this.#copyAll(copied === undefined ? node.children : [...node.children, copied], missing);
    const isMissing = (await missing).has(node);
    try {
      await (isMissing ? this.#push(node) : this.#declareSubject(node));
    } catch (error) {
      throw withContext(nameOf(node), error);
    }
  }

  async #push(node: Content): Promise<void> {
    const counts = await this.#copyBlobs(node);
    await this.#put(node);
    this.#copied += 1;
    const listed = node.children.length;
    const what = listed > 0 ? `${listed} manifests` : describeCounts(counts);
    this.#context.observer.info(`Copied ${nameOf(node)} to ${formatRepository(this.target)}: ${what}`);
  }

  // Only a push shows whether the registry has processed the subject of a manifest that it holds.
  async #declareSubject(node: Content): Promise<void> {
    this.#context.observer.info(`${node.label} is already in ${formatRepository(this.target)}`);
    if (listedSubject(node) !== undefined) await this.#put(node);
  }

  async #copyBlobs({ manifest, store }: Content): Promise<BlobCounts> {
    const counts = blobsOf(manifest).map(async (descriptor) => {
      const isCounted = this.#countedBlobs.has(descriptor.digest);
      this.#countedBlobs.add(descriptor.digest);
      const outcome = await this.#blobs.ensure(descriptor, store);
      return countOf(isCounted && outcome !== 'external' ? 'present' : outcome, descriptor.size);
    });
    return sumOf(await Promise.all(counts));
  }

  async #put(node: Content): Promise<void> {
    this.#context.cancellation.checkGoingOn();
    const { manifest } = node;
    const place = { repository: this.target, name: manifest.digest };
    const receipt = await putManifestOnceChildrenAppear(manifest, place, this.#context);
    const subject = listedSubject(node);
    if (subject === undefined || receipt.subject !== undefined) return;
    const listed = this.#unlisted.get(subject) ?? [];
    this.#unlisted.set(subject, [...listed, referrerDescriptor(manifest)]);
  }
}

/** The subject that a manifest is to be listed for; none for an attestation, which its list names. */
function listedSubject({ manifest, kind }: Content): Digest | undefined {
  return kind === 'attestation' ? undefined : manifest.content.subject?.digest;
}

/** As messages name a manifest: `linux/arm64 from ghcr.io/acme/app`. */
function nameOf({ label, store }: Content): string {
  return `${label} from ${store.name}`;
}

function blobsOf({ content }: Manifest): readonly Descriptor[] {
  if (content.kind === 'index') return [];
  const blobs = [content.config, ...content.layers];
  return [...new Map(blobs.map((descriptor) => [descriptor.digest, descriptor])).values()];
}
