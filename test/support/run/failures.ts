/** A reporter that prints failures, and sends the counts to the process that started this one. */
import { Readable } from 'node:stream';
import { spec as Spec } from 'node:test/reporters';

export interface Counts {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
  /** The reasons that the skipped tests give, each once. */
  readonly reasons: readonly string[];
}

interface TestEvent {
  readonly type: string;
  readonly data: {
    readonly skip?: string | boolean;
    readonly level?: string;
    readonly details?: { readonly type?: string };
    readonly file?: string;
    readonly counts?: Readonly<Record<'passed' | 'failed' | 'cancelled' | 'skipped' | 'todo', number>>;
  };
}

/** Prints what `spec` prints of tests that fail; nothing when all pass. With TEST_REPORT=whole prints all of it. */
export default async function* failures(events: AsyncIterable<TestEvent>): AsyncIterable<string> {
  const whole = process.env['TEST_REPORT'] === 'whole';
  yield* Readable.from(tell(events, whole)).pipe(new Spec());
}

/** Passes on what is to be printed. */
async function* tell(events: AsyncIterable<TestEvent>, whole: boolean): AsyncIterable<TestEvent> {
  const reasons = new Set<string>();
  let suites = 0;
  for await (const event of events) {
    const { skip, details, counts, file } = event.data;
    if (typeof skip === 'string') reasons.add(skip);
    // A suite that is skipped names its tests nowhere.
    if (skip !== undefined && details?.type === 'suite') suites += 1;
    if (counts !== undefined && file === undefined) {
      const { passed, failed, cancelled, skipped, todo } = counts;
      const sent: Counts = {
        passed: passed + todo,
        failed: failed + cancelled,
        skipped: skipped + suites,
        reasons: [...reasons],
      };
      process.send?.(sent);
    }
    if (whole || isFailure(event)) yield event;
  }
}

function isFailure({ type, data }: TestEvent): boolean {
  return type === 'test:fail' || (type === 'test:diagnostic' && data.level === 'error');
}
