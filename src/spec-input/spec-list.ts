import { FormatError } from '../oci/format-error.ts';
import { formatReference, parseReference } from '../oci/reference.ts';
import { readInputsForm } from './inputs-form.ts';
import { isManifestToolForm, readManifestToolForm } from './manifest-tool-form.ts';
import type { SpecEntry, SpecValues } from './spec-inputs.ts';
import { describeNode, type SpecNode } from './spec-node.ts';
import type { SpecProblems } from './spec-problems.ts';

/** One list of the spec. */
export interface SpecList {
  readonly number: number;
  readonly line: number;
  /** Only those that the spec gives; `tags` and `sources` always unless they are flawed. */
  readonly inputs: SpecValues;
  readonly flawed: SpecEntry['flawed'];
}

/** More lists than users need in one step, and few enough to stay fast. */
const maxLists = 256;

/** What a spec is, for messages. */
export const specForm = 'a list of entries with tags and sources, or with image and manifests';

/**
 * Reads the lists of a spec, without optional ones that are left out; a single mapping is one list. Adds all problems,
 * also repeated tags.
 */
export function readSpecLists(root: SpecNode, problems: SpecProblems): readonly SpecList[] {
  const items = root.kind === 'sequence' ? root.items : [root];
  if (items.length === 0) problems.add(root.line, `lists nothing to publish; expected ${specForm}`);
  if (items.length > maxLists)
    problems.add(root.line, `has ${items.length} lists; publish at most ${maxLists} in one step`);
  const lists = items
    .slice(0, maxLists)
    .flatMap((item, at) => readList(item, at + 1, problems.ofList(at + 1)) ?? []);
  noteRepeatedTags(lists, problems);
  return lists;
}

function readList(item: SpecNode, number: number, problems: SpecProblems): SpecList | undefined {
  if (item.kind !== 'mapping') {
    problems.add(item.line, `is ${describeNode(item)}; expected ${specForm}`);
    return undefined;
  }
  const read = isManifestToolForm(item) ? readManifestToolForm : readInputsForm;
  const { inputs, flawed, leftOutFor } = read(item, problems);
  if (leftOutFor === undefined) return { number, line: item.line, inputs, flawed };
  problems.note(item.line, `left out: it is optional, and its ${leftOutFor} are empty`);
  return undefined;
}

interface TagPlace {
  readonly list: number;
  readonly line: number;
}

function noteRepeatedTags(lists: readonly SpecList[], problems: SpecProblems): void {
  const places = new Map<string, TagPlace>();
  for (const { list, line, name } of lists.flatMap(tagsOf)) {
    const first = places.get(name);
    if (first === undefined) places.set(name, { list, line });
    else
      problems.ofList(list).add(line, `${name} is already a tag of list ${first.list} (line ${first.line})`);
  }
}

function tagsOf({ number, inputs }: SpecList): readonly (TagPlace & { readonly name: string })[] {
  const { text = '', lines = [] } = inputs.get('tags') ?? {};
  return text.split('\n').flatMap((row, at) => {
    const names = row.trimStart().startsWith('#') ? [] : row.split(',').map((name) => name.trim());
    return names
      .filter((name) => name !== '')
      .map((name) => ({ list: number, line: lines[at] ?? 1, name: canonicalTag(name) }));
  });
}

// The reader of tags reports invalid references.
function canonicalTag(name: string): string {
  try {
    return formatReference(parseReference(name));
  } catch (error) {
    if (error instanceof FormatError) return name;
    throw error;
  }
}
