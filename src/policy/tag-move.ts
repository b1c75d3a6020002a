import type { Digest } from '../oci/digest.ts';
import { matchesTagGlob, type TagGlob } from './tag-glob.ts';

/** What publishing does to a tag: it is new, keeps its digest, or gets another one. */
type TagMove = 'create' | 'keep' | 'move';

/** What publishing `next` does to a tag that holds `previous`; undefined when there is no such tag. */
export function tagMove(previous: Digest | undefined, next: Digest): TagMove {
  if (previous === undefined) return 'create';
  return previous === next ? 'keep' : 'move';
}

/** The first of the globs that forbids the move, or undefined: only a tag that moves can be forbidden. */
export function forbiddingGlob(
  tag: string,
  move: TagMove,
  immutable: readonly TagGlob[],
): TagGlob | undefined {
  return move === 'move' ? immutable.find((glob) => matchesTagGlob(glob, tag)) : undefined;
}
