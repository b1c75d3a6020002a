import type { InspectRequest } from '../../inspection/inspection.ts';
import { parseDigest } from '../../oci/digest.ts';
import { FormatError, quote } from '../../oci/format-error.ts';
import { parsePlatform } from '../../oci/platform.ts';
import type { Runner } from '../../runner/runner.ts';
import { explaining } from '../../sources/explanation.ts';
import { parseLocator, sourceForms } from '../../sources/input/locator.ts';
import type { Locator, SourceLine } from '../../sources/source.ts';
import {
  InputReader,
  nameUnknownInputs,
  type OtherDryRun,
  refuseProblems,
  stepTexts,
} from './input-reader.ts';
import { isOff } from './input-value.ts';
import { readStepInputs, type StepInputs } from './step-inputs.ts';

/** Every input of the inspect action, read and parsed. */
export interface InspectInputs extends StepInputs {
  readonly request: InspectRequest;
}

const forms =
  'registry/repository:tag, registry/repository@sha256:…, oci:DIR, oci-archive:FILE or docker-manifest:NAME';

const kinds: readonly Locator['kind'][] = ['reference', 'oci', 'oci-archive', 'docker-manifest'];

const otherDryRun: OtherDryRun = {
  name: 'dry-run',
  asks: (value) => !isOff(value),
  remedy: 'remove it, since inspect writes nothing',
};

/** Reads all inputs; throws InputError with every problem in them. */
export async function readInspectInputs(
  runner: Pick<Runner, 'input' | 'environment'>,
): Promise<InspectInputs> {
  const names = new Set<string>();
  const reader = new InputReader(stepTexts(runner, names));
  const image = reader.value('image', explaining('image', parseImage('image')));
  if (image === undefined) reader.require('image', `is empty; expected: ${forms}`);
  const request = {
    compareWith: reader.value('compare-with', explaining('image', parseImage('compare-with'))),
    form: reader.flag('verbose', { true: 'verbose', false: 'plain' }, 'false'),
    platform: reader.value('platform', explaining('platforms', parsePlatform)),
    expectPlatforms: reader.words('expect-platforms', 'platforms', parsePlatform),
    expectDigest: reader.value('expect-digest', explaining('digests', parseDigest)),
  };
  const step = await readStepInputs(reader);
  refuseProblems(nameUnknownInputs(reader.problems, names, runner, otherDryRun));
  return { request: { image: image as SourceLine, ...request }, ...step };
}

function parseImage(input: string): (text: string) => SourceLine {
  return (text) => {
    if (/\s/.test(text)) throw new FormatError(`${quote(text)} contains white space`, forms);
    const locator = readLocator(text);
    if (!kinds.includes(locator.kind)) throw new FormatError(`${quote(text)} cannot be inspected`, forms);
    return { text, line: 1, place: input, locator, declared: {}, annotations: {} };
  };
}

function readLocator(text: string): Locator {
  try {
    return parseLocator(text);
  } catch (error) {
    // References have their own parser, with a better message.
    const isWhole = error instanceof FormatError && error.expected === sourceForms;
    throw isWhole ? new FormatError(error.message, forms) : error;
  }
}
