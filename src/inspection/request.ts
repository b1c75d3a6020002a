import type { SourceLine } from '../sources/source.ts';

/** What the inspecting action is asked to do. */
export interface InspectRequest {
  /** What to inspect, as a source line of its own. */
  readonly image: SourceLine;
}
