/** Most changes of one character between a tag and one that was meant. */
const maxChanges = 2;

/** The tag that was most likely meant: the closest within two changes, on less than a third of its characters. */
export function similarTag(tag: string, tags: readonly string[]): string | undefined {
  const near = tags.map((other) => ({ other, changes: changesBetween(tag, other) }));
  const [best] = near
    .filter(({ changes }) => changes > 0 && changes <= maxChanges && changes * 3 < tag.length)
    .sort((a, b) => a.changes - b.changes);
  return best?.other;
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
