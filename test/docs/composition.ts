import { isMap, parseDocument, type YAMLMap, type YAMLSeq } from 'yaml';
import type { Page } from './markdown.ts';
import { fencesOf } from './markdown.ts';

/**
 * The complete workflow of each YAML block of a page that has `jobs:`, by place. A block without `on:` gets everything above
 * `jobs:` from the page's first workflow. `  NAME: # job OTHER above` takes the nearest job OTHER that is written out above it; the keys below
 * it replace keys of that job, and its steps replace steps with the same `id` or follow the others.
 */
export function composedWorkflows(page: Page): ReadonlyMap<string, string> {
  const composed = new Map<string, string>();
  const above = new Map<string, YAMLMap>();
  let head: string | undefined;
  for (const { language, text, place } of fencesOf(page)) {
    if (language !== 'yaml' || !/^jobs:/m.test(text)) continue;
    const isWhole = /^on:/m.test(text);
    if (isWhole) head ??= text.slice(0, text.search(/^jobs:/m));
    if (head === undefined) throw new Error(`${place}: there is no workflow above`);
    const whole = isWhole ? text : `${head}${text}`;
    const document = parseDocument(whole, { strict: true, uniqueKeys: true });
    if (document.errors.length > 0) throw document.errors[0];
    const jobs = document.get('jobs') as YAMLMap<{ value: string }, YAMLMap | null>;
    for (const pair of jobs.items) {
      const { value: name } = pair.key;
      const other = new RegExp(`^ {2}${name}: # job (\\S+) above`, 'm').exec(text)?.[1];
      if (other !== undefined) pair.value = laidOver(above.get(other), pair.value, `${place}: job ${other}`);
      else if (isMap(pair.value) && pair.value.has('steps')) above.set(name, pair.value);
    }
    composed.set(place, / # job \S+ above/.test(text) ? document.toString({ lineWidth: 0 }) : whole);
  }
  return composed;
}

function laidOver(job: YAMLMap | undefined, changes: YAMLMap | null, place: string): YAMLMap {
  if (job === undefined) throw new Error(`${place} is not above`);
  const result = job.clone() as YAMLMap;
  for (const { key, value } of isMap(changes) ? changes.items : [])
    if (String(key) === 'steps')
      replaceSteps(result.get('steps') as YAMLSeq<YAMLMap>, value as YAMLSeq<YAMLMap>);
    else result.set(key, value);
  return result;
}

function replaceSteps(steps: YAMLSeq<YAMLMap>, changes: YAMLSeq<YAMLMap>): void {
  for (const step of changes.items) {
    const id = step.get('id');
    const at = id === undefined ? -1 : steps.items.findIndex((each) => each.get('id') === id);
    steps.items.splice(at < 0 ? steps.items.length : at, at < 0 ? 0 : 1, step);
  }
}
