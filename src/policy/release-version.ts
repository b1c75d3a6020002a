import compare from 'semver/functions/compare.js';
import parse from 'semver/functions/parse.js';
import { type LabelledImage, withoutPlatform } from './revision-mismatch.ts';

/** The annotation and the label of a version (OCI image-spec 1.1, annotations.md). */
export const versionKey = 'org.opencontainers.image.version';

/**
 * The version that a list states, the first of these that is a semantic version (three numbers, `v` allowed): its
 * annotation {@link versionKey}, else the highest of the tags that hold it, or will. Undefined when neither is one.
 */
export function statedVersion(annotation: string | undefined, tags: readonly string[]): string | undefined {
  if (annotation !== undefined && isVersion(annotation)) return annotation;
  return tags.filter(isVersion).toSorted(compareVersions).at(-1);
}

/** The version in the labels of a list's images, if all of them carry the same one. */
export function labelledVersion(images: readonly LabelledImage[]): string | undefined {
  const [first, ...others] = images.map(labelOf);
  if (first === undefined || !isVersion(first)) return undefined;
  return others.every((label) => isSameVersion(label, first)) ? first : undefined;
}

/** Whether an image has something else in its label than the version of its list: base images pass on their labels. */
export function hasForeignLabel(images: readonly LabelledImage[], version: string): boolean {
  return images.map(labelOf).some((label) => label !== undefined && !isSameVersion(label, version));
}

/** Whether a text is a semantic version, with or without `v`; loosely, since calendar versions have zeros in front. */
export function isVersion(text: string): boolean {
  return parse(text, { loose: true }) !== null;
}

/** Whether a version is older than another one; both are semantic versions. */
export function isOlder(version: string, other: string): boolean {
  return compareVersions(version, other) < 0;
}

function labelOf({ labels: { version }, platform }: LabelledImage): string | undefined {
  return version && withoutPlatform(version, platform);
}

function isSameVersion(label: string | undefined, version: string): boolean {
  return label !== undefined && isVersion(label) && compareVersions(label, version) === 0;
}

function compareVersions(one: string, other: string): number {
  return compare(one, other, { loose: true });
}
