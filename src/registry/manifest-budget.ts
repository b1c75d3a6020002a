import { condensed, type HeldManifest, type Manifest } from '../oci/manifest.ts';
import { ActionError } from '../run/errors.ts';

/** Bytes of manifests that a run may hold in memory at once. Parsed, they take up to four times as much. */
const maxHeld = 64 * 1024 * 1024;

/** Bytes of an image manifest that is held whole, so that it need not be read again; a usual one has a few thousand. */
const maxWhole = 256 * 1024;

/** The memory of one run for manifests: without a limit, sources of the maximum size would fill that of the runner. */
export class ManifestBudget {
  readonly #sizes = new Map<string, number>();
  #left = maxHeld;

  /** Bytes that may still be held. */
  get left(): number {
    return this.#left;
  }

  /** Counts the bytes of content that is held, once for each name; throws ActionError MEMORY_BUDGET. */
  hold(name: string, size: number): void {
    const left = this.#left + (this.#sizes.get(name) ?? 0) - size;
    if (left < 0) throw exhausted();
    this.#sizes.set(name, size);
    this.#left = left;
  }

  /** Counts a manifest, and returns it; throws ActionError MEMORY_BUDGET. */
  counted(manifest: Manifest): Manifest {
    this.hold(manifest.digest, manifest.size);
    return manifest;
  }

  /** What to keep of a manifest that was read: a large image is condensed, and its bytes do not count any more. */
  keep(manifest: Manifest): HeldManifest {
    if (manifest.content.kind === 'index' || manifest.size <= maxWhole) return manifest;
    const kept = condensed(manifest);
    this.hold(manifest.digest, JSON.stringify(kept).length);
    return kept;
  }
}

function exhausted(): ActionError {
  const message = `the step would hold more than ${maxHeld / 1024 / 1024} MiB of manifests in memory at once`;
  return new ActionError('MEMORY_BUDGET', message, {
    hint: 'Publish fewer images in one step, and look at the largest manifests: a usual one has a few thousand bytes.',
  });
}
