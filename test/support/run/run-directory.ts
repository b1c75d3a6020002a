/** The files one run of the action finds and leaves, as a runner lays them out. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

/** Path below a directory → content. */
export type Files = Readonly<Record<string, string | Uint8Array>>;

const commandFiles = [
  'GITHUB_OUTPUT',
  'GITHUB_STEP_SUMMARY',
  'GITHUB_ENV',
  'GITHUB_PATH',
  'GITHUB_STATE',
  'GITHUB_ARTIFACTS',
] as const;

let root: string | undefined;
let count = 0;

export class RunDirectory {
  readonly path: string;
  readonly home: string;
  readonly workspace: string;
  readonly temp: string;

  /** Makes the directories of one run; all of them go when the process ends. */
  constructor(files: { readonly home?: Files | undefined; readonly workspace?: Files | undefined } = {}) {
    root ??= makeRoot();
    count += 1;
    this.path = join(root, `run-${count}`);
    this.home = this.#directory('home');
    this.workspace = this.#directory('workspace');
    this.temp = this.#directory('runner-temp');
    this.#directory('tool-cache');
    this.#directory('commands');
    for (const name of commandFiles) writeFileSync(this.#command(name), '');
    writeFiles(this.home, files.home ?? {});
    writeFiles(this.workspace, files.workspace ?? {});
  }

  /** The variables a runner sets for a step. */
  get variables(): Record<string, string> {
    const commands = commandFiles.map((name) => [name, this.#command(name)]);
    return {
      HOME: this.home,
      USERPROFILE: this.home,
      TMPDIR: this.temp,
      GITHUB_ACTIONS: 'true',
      GITHUB_REPOSITORY: 'acme/app',
      GITHUB_ACTION_REPOSITORY: 'acme/multiarch-manifest-action',
      GITHUB_ACTION_REF: 'v1',
      GITHUB_SERVER_URL: 'https://github.invalid',
      GITHUB_API_URL: 'https://api.github.invalid',
      GITHUB_RUN_ID: '1',
      GITHUB_RUN_ATTEMPT: '1',
      GITHUB_WORKSPACE: this.workspace,
      RUNNER_OS: 'Linux',
      RUNNER_TEMP: this.temp,
      RUNNER_TOOL_CACHE: join(this.path, 'tool-cache'),
      ...Object.fromEntries(commands),
    };
  }

  /** What the run wrote to one of the runner's files. */
  read(name: (typeof commandFiles)[number]): string {
    try {
      return readFileSync(this.#command(name), 'utf8');
    } catch (error) {
      return `unreadable: ${error}`;
    }
  }

  #command(name: string): string {
    return join(this.path, 'commands', name);
  }

  #directory(name: string): string {
    const path = join(this.path, name);
    mkdirSync(path, { recursive: true });
    return path;
  }
}

/** Writes files below a directory. */
export function writeFiles(directory: string, files: Files): void {
  for (const [name, content] of Object.entries(files)) {
    const path = join(directory, name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, content);
  }
}

function makeRoot(): string {
  const made = mkdtempSync(join(tmpdir(), 'action-runs-'));
  process.once('exit', () => rmSync(made, { recursive: true, force: true }));
  return made;
}
