import type { PlainObject } from './evaluate.ts';
import { listOf, mappingOf, type Value } from './parse-workflow.ts';

/**
 * The jobs of a matrix; a job without one has a single job without values. `include` extends a job that it does not
 * contradict, or is a job of its own.
 * https://docs.github.com/actions/reference/workflows-and-actions/workflow-syntax#jobsjob_idstrategymatrixinclude
 */
export function matrixJobsOf(matrix: Value | undefined): readonly PlainObject[] {
  const { include, exclude, ...axes } = mappingOf(matrix);
  const crossed = cross(axes).filter(
    (matrixJob) => !objectsOf(exclude).some((each) => agrees(each, matrixJob, axes)),
  );
  const own: PlainObject[] = [];
  const matrixJobs = Object.keys(axes).length === 0 ? [] : crossed.map((matrixJob) => ({ ...matrixJob }));
  for (const extra of objectsOf(include)) {
    const extended = matrixJobs.filter((matrixJob) => agrees(extra, matrixJob, axes));
    for (const matrixJob of extended) Object.assign(matrixJob, extra);
    if (extended.length === 0) own.push(extra);
  }
  const all = [...matrixJobs, ...own];
  return all.length === 0 ? [{}] : completed(all);
}

function cross(axes: Readonly<Record<string, Value>>): readonly PlainObject[] {
  return Object.entries(axes).reduce<readonly PlainObject[]>(
    (matrixJobs, [name, values]) =>
      matrixJobs.flatMap((matrixJob) =>
        listOf(values).map((value) => ({ ...matrixJob, [name]: value }) as PlainObject),
      ),
    [{}],
  );
}

function agrees(extra: PlainObject, matrixJob: PlainObject, axes: Readonly<Record<string, Value>>): boolean {
  return Object.keys(axes).every((name) => !(name in extra) || extra[name] === matrixJob[name]);
}

// A value that only other jobs have is empty.
function completed(matrixJobs: readonly PlainObject[]): readonly PlainObject[] {
  const empty = Object.fromEntries(
    matrixJobs.flatMap((matrixJob) => Object.keys(matrixJob)).map((name) => [name, '']),
  );
  return matrixJobs.map((matrixJob) => ({ ...empty, ...matrixJob }));
}

function objectsOf(value: Value | undefined): readonly PlainObject[] {
  return listOf(value).map((each) => mappingOf(each) as PlainObject);
}
