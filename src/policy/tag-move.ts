import type { Digest } from '../oci/digest.ts';
import { matchesTagGlob, type TagGlob } from './tag-glob.ts';

/** The effect of publishing on a tag: it is new, keeps its digest, or gets another one. */
type TagMove = 'create' | 'keep' | 'move';

/** The effect of publishing `next` on a tag that holds `previous`; undefined when the tag does not exist. */
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
