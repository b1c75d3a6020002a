import { appendFile, readFile, stat } from 'node:fs/promises';
import { fieldsIn } from '../http/message.ts';
import { ConflictError, messageOf } from '../run/errors.ts';
import type { Observer } from '../run/observer.ts';
import type { Surroundings } from './runner.ts';

/** An image in the form that actions/attest needs. */
export interface ArtifactSubject {
  /** Registry and repository, without tag or digest. */
  readonly name: string;
  readonly digest: string;
}

/** The runner refuses a step's file above this size, and a job's artifacts above this number. */
const maxFileBytes = 1024 * 1024;
const maxArtifacts = 500;

/**
 * The images that a step declares as artifacts of its job, as one line `oci://NAME@DIGEST` each in the file of
 * GITHUB_ARTIFACTS. The runner fails a step that declares another digest for the same name; the file of
 * GITHUB_ARTIFACTS_LIST has the artifacts of earlier steps. (github.com/actions/runner, CreateArtifactsFileCommand.cs
 * and ArtifactsListFileCommand.cs)
 */
export class ArtifactSubjects {
  readonly #environment: Surroundings['environment'];
  readonly #observer: Pick<Observer, 'info' | 'warning'>;

  constructor(environment: Surroundings['environment'], observer: Pick<Observer, 'info' | 'warning'>) {
    this.#environment = environment;
    this.#observer = observer;
  }

  /** Throws ConflictError SUBJECT_CONFLICT for subjects that the runner would refuse; writes nothing. */
  async check(subjects: readonly ArtifactSubject[]): Promise<void> {
    const known = new Map((await this.#declared()).map(({ name, digest }) => [name, digest]));
    for (const { name, digest } of subjects) {
      const other = known.get(name) ?? digest;
      if (other !== digest) {
        const problem = `${name} would be an artifact of this job with two digests: ${other} and ${digest}`;
        throw conflict(problem, oneListHint);
      }
      known.set(name, digest);
    }
    if (known.size <= maxArtifacts) return;
    const problem = `this job would have ${known.size} artifacts; the runner allows at most ${maxArtifacts}`;
    throw conflict(problem, fewerListsHint);
  }

  /** Declares the published images; a failure is a warning, because the images are already published. */
  async declare(subjects: readonly ArtifactSubject[]): Promise<void> {
    const file = this.#environment['GITHUB_ARTIFACTS'] ?? '';
    if (file === '') {
      this.#observer.warning(
        'declare-subjects has no effect: this runner does not set GITHUB_ARTIFACTS. Update the runner, or pass the outputs `name` and `digest` to actions/attest.',
      );
      return;
    }
    const lines = new Set(subjects.map(({ name, digest }) => `oci://${name}@${digest}`));
    try {
      await this.check(subjects);
      const text = await readFile(file, 'utf8');
      const start = text === '' || text.endsWith('\n') ? '' : '\n';
      await appendFile(file, `${start}${[...lines].join('\n')}\n`);
      for (const line of lines) this.#observer.info(`Declared ${line}`);
    } catch (error) {
      this.#observer.warning(`The artifacts could not be declared: ${messageOf(error)}`);
    }
  }

  async #declared(): Promise<readonly ArtifactSubject[]> {
    const { GITHUB_ARTIFACTS: file, GITHUB_ARTIFACTS_LIST: list } = this.#environment;
    return [...subjectsInList(await readIfAny(list)), ...subjectsInLines(await readIfAny(file))];
  }
}

// The runner reports an unreadable file.
async function readIfAny(path: string | undefined): Promise<string> {
  if (path === undefined || path === '') return '';
  try {
    return (await stat(path)).size > maxFileBytes ? '' : await readFile(path, 'utf8');
  } catch {
    return '';
  }
}

// {"version":1,"subjects":[{"name":…,"digest":…,"kind":…}]}
function subjectsInList(text: string): readonly ArtifactSubject[] {
  const { subjects } = fieldsIn(Buffer.from(text));
  return (Array.isArray(subjects) ? subjects : []).flatMap((subject: Partial<ArtifactSubject> | null) => {
    const { name, digest } = subject ?? {};
    return typeof name === 'string' && typeof digest === 'string' ? [{ name, digest }] : [];
  });
}

function subjectsInLines(text: string): readonly ArtifactSubject[] {
  return text.split('\n').flatMap((line) => {
    const [, name, digest] = /^(?:oci:\/\/)?(\S+)@(sha\d{3}:[0-9a-f]+)$/i.exec(line.trim()) ?? [];
    return name === undefined || digest === undefined ? [] : [{ name, digest: digest.toLowerCase() }];
  });
}

function conflict(problem: string, hint: string): ConflictError {
  return new ConflictError('SUBJECT_CONFLICT', `declare-subjects: ${problem}`, { hint });
}

const oneListHint =
  'Publish one list per repository in a job, or set `declare-subjects: false` and pass the outputs `name` and `digest` to actions/attest.';
const fewerListsHint = 'Publish the lists in several jobs, or set `declare-subjects: false`.';
