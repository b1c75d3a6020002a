import type { PlainObject } from './evaluate.ts';
import { listOf, mappingOf, type Value } from './parse-workflow.ts';

/**
 * The legs of a matrix; a job without one has a single leg without values. `include` extends a leg that it does not
 * contradict, or is a leg of its own.
 * https://docs.github.com/actions/reference/workflows-and-actions/workflow-syntax#jobsjob_idstrategymatrixinclude
 */
export function legsOf(matrix: Value | undefined): readonly PlainObject[] {
  const { include, exclude, ...axes } = mappingOf(matrix);
  const crossed = cross(axes).filter((leg) => !objectsOf(exclude).some((each) => agrees(each, leg, axes)));
  const own: PlainObject[] = [];
  const legs = Object.keys(axes).length === 0 ? [] : crossed.map((leg) => ({ ...leg }));
  for (const extra of objectsOf(include)) {
    const extended = legs.filter((leg) => agrees(extra, leg, axes));
    for (const leg of extended) Object.assign(leg, extra);
    if (extended.length === 0) own.push(extra);
  }
  const all = [...legs, ...own];
  return all.length === 0 ? [{}] : completed(all);
}

function cross(axes: Readonly<Record<string, Value>>): readonly PlainObject[] {
  return Object.entries(axes).reduce<readonly PlainObject[]>(
    (legs, [name, values]) =>
      legs.flatMap((leg) => listOf(values).map((value) => ({ ...leg, [name]: value }) as PlainObject)),
    [{}],
  );
}

function agrees(extra: PlainObject, leg: PlainObject, axes: Readonly<Record<string, Value>>): boolean {
  return Object.keys(axes).every((name) => !(name in extra) || extra[name] === leg[name]);
}

// A value that only other legs have is empty.
function completed(legs: readonly PlainObject[]): readonly PlainObject[] {
  const empty = Object.fromEntries(legs.flatMap((leg) => Object.keys(leg)).map((name) => [name, '']));
  return legs.map((leg) => ({ ...empty, ...leg }));
}

function objectsOf(value: Value | undefined): readonly PlainObject[] {
  return listOf(value).map((each) => mappingOf(each) as PlainObject);
}
