import type { PlainObject } from './evaluate.ts';
import { listOf, mappingOf, type Value } from './parse-workflow.ts';

/**
 * The jobs of a matrix; a job without one has a single job without values. `include` extends a job that it does not
 * contradict, or is a job of its own.
 * https://docs.github.com/actions/reference/workflows-and-actions/workflow-syntax#jobsjob_idstrategymatrixinclude
 */
export function matrixJobsOf(matrix: Value | undefined): readonly PlainObject[] {
  const { include, exclude, ...axes } = mappingOf(matrix);
  const crossed = cross(axes).filter((job) => !objectsOf(exclude).some((each) => agrees(each, job, axes)));
  const own: PlainObject[] = [];
  const jobs = Object.keys(axes).length === 0 ? [] : crossed.map((job) => ({ ...job }));
  for (const extra of objectsOf(include)) {
    const extended = jobs.filter((job) => agrees(extra, job, axes));
    for (const job of extended) Object.assign(job, extra);
    if (extended.length === 0) own.push(extra);
  }
  const all = [...jobs, ...own];
  return all.length === 0 ? [{}] : completed(all);
}

function cross(axes: Readonly<Record<string, Value>>): readonly PlainObject[] {
  return Object.entries(axes).reduce<readonly PlainObject[]>(
    (jobs, [name, values]) =>
      jobs.flatMap((job) => listOf(values).map((value) => ({ ...job, [name]: value }) as PlainObject)),
    [{}],
  );
}

function agrees(extra: PlainObject, job: PlainObject, axes: Readonly<Record<string, Value>>): boolean {
  return Object.keys(axes).every((name) => !(name in extra) || extra[name] === job[name]);
}

// A value that only other jobs have is empty.
function completed(jobs: readonly PlainObject[]): readonly PlainObject[] {
  const empty = Object.fromEntries(jobs.flatMap((job) => Object.keys(job)).map((name) => [name, '']));
  return jobs.map((job) => ({ ...empty, ...job }));
}

function objectsOf(value: Value | undefined): readonly PlainObject[] {
  return listOf(value).map((each) => mappingOf(each) as PlainObject);
}
