import { FormatError, quote } from '../../oci/format-error.ts';
import { parseReference, type Reference, uniqueReferences } from '../../oci/reference.ts';
import type { TargetTag } from '../../pipeline/request.ts';
import type { Runner } from '../../runner/runner.ts';
import {
  InputReader,
  nameUnknownInputs,
  type OtherDryRun,
  refuseProblems,
  stepTexts,
} from './input-reader.ts';
import { isOff } from './input-value.ts';
import { readStepInputs, type StepInputs } from './step-inputs.ts';

/** Every input of the purge action, read and parsed. */
export interface PurgeInputs extends StepInputs {
  /** Tags to remove, each once. */
  readonly tags: readonly TargetTag[];
  readonly drafts: readonly Reference[];
  readonly mode: 'purge' | 'dry-run';
}

const tagForm = 'registry/repository:tag, such as ghcr.io/acme/app:1.2.3-amd64';
const draftForm = 'the name that was given to `docker manifest create`, such as ghcr.io/acme/app:1.2.3';

const otherDryRun: OtherDryRun = { name: 'push', asks: isOff, remedy: 'write `dry-run: true`' };

/** Reads all inputs; throws InputError with every problem in them. */
export async function readPurgeInputs(runner: Pick<Runner, 'input' | 'environment'>): Promise<PurgeInputs> {
  const names = new Set<string>();
  const reader = new InputReader(stepTexts(runner, names));
  const tags = reader.words('tags', 'tags', parseTag);
  const drafts = reader.words('drafts', 'tags', parseDraft);
  const mode = reader.flag('dry-run', { true: 'dry-run', false: 'purge' }, 'false');
  if (reader.text('tags').trim() === '' && reader.text('drafts').trim() === '') {
    reader.require('tags', `lists no tag, and \`drafts\` lists no draft; write one per line: ${tagForm}`);
  }
  const step = await readStepInputs(reader);
  refuseProblems(nameUnknownInputs(reader.problems, names, runner, otherDryRun));
  return { tags: uniqueReferences(tags), drafts: uniqueReferences(drafts), mode, ...step };
}

function parseTag(text: string): TargetTag {
  const { repository, tag, digest } = parseReference(text);
  if (digest !== undefined)
    throw new FormatError(`${quote(text)} has a digest, and only tags are removed, never content`, tagForm);
  if (tag === undefined) throw new FormatError(`${quote(text)} has no tag`, tagForm);
  return { repository, tag };
}

// As in docker's CLI, a name without a tag means its `latest`.
function parseDraft(text: string): Reference {
  const { repository, tag = 'latest', digest } = parseReference(text.replace(/^docker-manifest:/, ''));
  if (digest !== undefined) throw new FormatError(`${quote(text)} has a digest`, draftForm);
  return { repository, tag };
}
