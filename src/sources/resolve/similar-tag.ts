/** Most changes of one character between a tag and one that was meant. */
const maxChanges = 2;

/** Names of an architecture in tags, with the variant behind it, and Windows releases. */
const platformNames =
  /(?<![a-z0-9])(?:(?:amd64|x86[-_]64|x86|x64|i?[36]86|arm64|aarch64|arm(?:32|hf|el)?|ppc64(?:le)?|s390x?|riscv64|mips(?:64)?(?:le|el)?|loong(?:arch)?64)(?:[-_.]?v[1-9]|[1-9])?|ltsc20[0-9]{2})(?![a-z0-9])/g;

/**
 * The tag that was most likely meant: the closest within two changes, on less than a third of its characters. A tag for
 * another platform was not meant: amd64 and arm64 differ by two characters.
 */
export function similarTag(tag: string, tags: readonly string[]): string | undefined {
  const near = tags.map((other) => ({ other, changes: changesBetween(tag, other) }));
  const [best] = near
    .filter(({ changes }) => changes > 0 && changes <= maxChanges && changes * 3 < tag.length)
    .filter(({ other }) => mayBeSamePlatform(tag, other))
    .sort((a, b) => a.changes - b.changes);
  return best?.other;
}

function mayBeSamePlatform(tag: string, other: string): boolean {
  const [one, another] = [tag, other].map((name) =>
    (name.toLowerCase().match(platformNames) ?? []).join(' '),
  );
  return one === '' || another === '' || one === another;
}

/** The Levenshtein distance; more than `maxChanges` for lengths that differ by more. */
function changesBetween(a: string, b: string): number {
  if (Math.abs(a.length - b.length) > maxChanges) return maxChanges + 1;
  let row = Array.from({ length: b.length + 1 }, (_, at) => at);
  for (let i = 1; i <= a.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const replaced = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(replaced, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
