import type { Observer } from './observer.ts';

/** Something that a run found out about a tag, an image or another thing with a name. */
export interface Finding {
  /** The name. */
  readonly about: string;
  /** The text about things with these names. */
  readonly say: (names: string) => string;
  /** What findings with one text share; by default the text. */
  readonly cause?: string | undefined;
}

/** One text for each cause, with all names that it is about. */
export function joined(findings: readonly Finding[]): readonly string[] {
  const causes = Map.groupBy(findings, ({ say, cause }) => cause ?? say(''));
  return [...causes.values()].flatMap((group) => {
    return group.slice(0, 1).map(({ say }) => say(listed([...new Set(group.map(({ about }) => about))])));
  });
}

/** Warns once of each cause. */
export function warnOfCauses(findings: readonly Finding[], observer: Pick<Observer, 'warning'>): void {
  for (const text of joined(findings)) observer.warning(text);
}

/** Maximum names in a text. */
const maxListed = 20;

/** Names in one text, at most 20 by default, and how many more there are. */
export function listed(names: readonly string[], max: number = maxListed): string {
  const shown = names.slice(0, max).join(', ');
  return names.length > max ? `${shown} and ${names.length - max} more` : shown;
}
