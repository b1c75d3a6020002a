/** A summary's Markdown, in the order in which it is read. Empty parts are left out. */
export interface SummaryParts {
  /** Status, name and what to know at a glance. */
  readonly head: string;
  /** Parts before the warnings. */
  readonly lead?: readonly string[];
  readonly body: readonly string[];
  /** Documents that are left out first when the summary is too large. */
  readonly documents: readonly string[];
}
