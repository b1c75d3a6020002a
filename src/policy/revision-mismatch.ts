import type { ImageLabels } from '../oci/config.ts';
import { normalizePlatform, type Platform } from '../oci/platform.ts';

/** An image of a list, and what its labels say. */
export interface LabelledImage {
  readonly platform: Platform | undefined;
  readonly labels: ImageLabels;
}

/** Images that do not belong together, by the value of one label. */
interface RevisionMismatch<Image> {
  readonly label: keyof ImageLabels;
  /** At least two, in the order of the list. */
  readonly values: ReadonlyMap<string, readonly Image[]>;
}

/**
 * The images of a list whose labels say that they were built from different revisions, or undefined. Versions are
 * compared only if no image has a revision, as they are and without the image's own platform at their end:
 * `1.2.3-linux-arm64` and `1.2.3-amd64` are one version. Images without the label are not compared.
 */
export function revisionMismatch<Image extends LabelledImage>(
  images: readonly Image[],
): RevisionMismatch<Image> | undefined {
  const label = images.some(({ labels }) => labels.revision !== undefined) ? 'revision' : 'version';
  const compared = images.filter(({ labels }) => labels[label] !== undefined);
  if (new Set(compared.map(({ labels }) => labels[label])).size < 2) return undefined;
  const values = Map.groupBy(compared, ({ labels: { revision, version = '' }, platform }) => {
    return revision ?? withoutPlatform(version, platform);
  });
  return values.size < 2 ? undefined : { label, values };
}

/** More characters than a version has: a label may be megabytes long. */
const maxVersionLength = 256;

/** A version without `-` or another separator and the os, architecture or variant of its image, at its end. */
export function withoutPlatform(version: string, platform: Platform | undefined): string {
  if (platform === undefined || version.length > maxVersionLength) return version;
  const names = namesOf(platform);
  let rest = version;
  for (;;) {
    const name = names.find((each) => endsWith(rest, each));
    if (name === undefined) return rest;
    rest = rest.slice(0, -name.length - 1);
  }
}

function endsWith(text: string, name: string): boolean {
  const before = text.slice(0, -name.length);
  return /.[-_+]$/.test(before) && text.slice(before.length).toLowerCase() === name;
}

/** Other names of architectures (github.com/containerd/platforms, database.go). */
const otherNames: Readonly<Record<string, readonly string[]>> = {
  '386': ['i386'],
  amd64: ['x86_64', 'x86-64'],
  arm: ['armhf', 'armel'],
  arm64: ['aarch64', 'arm64v8', 'arm64-v8'],
};

function namesOf(platform: Platform): readonly string[] {
  const { os, architecture, variant = '' } = normalizePlatform(platform);
  const names = [os, architecture, platform.architecture, ...(otherNames[architecture] ?? [])];
  const variants = variant === '' ? [] : [variant, `${architecture}${variant}`, platform.variant ?? variant];
  return [...names, ...variants].map((name) => name.toLowerCase()).filter((name) => name !== '');
}
