import type { LineCounter, Node, Scalar, YAMLMap, YAMLSeq } from 'yaml';
import { type LoginScope, parseLoginScope, type RegistryLogin } from '../../credentials/login-scope.ts';
import { registryKey } from '../../credentials/registry-key.ts';
import { dockerHub } from '../../oci/reference.ts';
import type { InputProblem } from '../../run/errors.ts';

interface RegistryAuth {
  readonly logins: readonly RegistryLogin[];
  /** Empty when the input is valid; no message contains text of the input. */
  readonly problems: readonly InputProblem[];
}

const expected =
  'expected a YAML list of entries, each "- registry: HOST", and on lines below it "username: …" and "password: …"';

/**
 * Parses the `registry-auth` input: a YAML list of `{registry, username, password, scope?}` with the meaning that
 * docker/login-action's input of that name gives them (registry defaults to docker.io, scope is `acme/app`,
 * `acme/app@push` or `@push`). Values are always text, also those that YAML reads as numbers or booleans.
 */
export async function parseRegistryAuth(text: string): Promise<RegistryAuth> {
  if (text.trim() === '') return { logins: [], problems: [] };
  const yaml = await import('yaml');
  const lines = new yaml.LineCounter();
  // The failsafe schema keeps a password such as 0123 or `true` as it is written.
  const document = yaml.parseDocument(text, {
    schema: 'failsafe',
    prettyErrors: false,
    logLevel: 'error',
    lineCounter: lines,
  });
  const reader = new Reader(yaml, lines);
  const [error] = document.errors;
  if (error === undefined) reader.list(document.contents);
  else reader.syntax(error.code, error.pos[0]);
  return { logins: reader.problems.length === 0 ? reader.logins : [], problems: reader.problems };
}

type Yaml = typeof import('yaml');

const fields = ['registry', 'username', 'password', 'scope', 'ecr'] as const;
type Values = { [field in (typeof fields)[number]]?: string };

class Reader {
  readonly logins: RegistryLogin[] = [];
  readonly problems: InputProblem[] = [];
  readonly #yaml: Yaml;
  readonly #lines: LineCounter;

  constructor(yaml: Yaml, lines: LineCounter) {
    this.#yaml = yaml;
    this.#lines = lines;
  }

  /** Reports only the kind of error, since the parser's own messages may quote the input. */
  syntax(code: string, offset: number): void {
    const what =
      code === 'DUPLICATE_KEY'
        ? 'the same field twice in one entry'
        : code === 'MULTIPLE_DOCS'
          ? 'several YAML documents'
          : 'not valid YAML; put passwords in single quotes';
    this.#problem(`${what}; ${expected}`, offset);
  }

  list(contents: Node | null): void {
    if (this.#yaml.isSeq(contents)) {
      for (const item of (contents as YAMLSeq<Node>).items) this.#entry(item);
    } else if (contents !== null) {
      this.#problem(`${this.#kindOf(contents)}; ${expected}`, contents.range?.[0]);
    }
  }

  #kindOf(node: Node): string {
    if (!this.#yaml.isMap(node)) return 'is one text';
    const keys = (node as YAMLMap<Node, Node | null>).items.map(({ key }) => this.#text(key));
    if (keys.includes('auths'))
      return "is docker's config.json, which is read from the directory DOCKER_CONFIG";
    return keys.includes('password') ? 'is one entry outside a list, without "- " before it' : 'is no list';
  }

  #entry(item: Node): void {
    const offset = item.range?.[0];
    if (!this.#yaml.isMap(item)) {
      this.#problem(expected, offset);
      return;
    }
    const before = this.problems.length;
    const values = this.#values(item as YAMLMap<Node, Node | null>);
    const cut = (item as YAMLMap<Node, Node | null>).items.some(
      ({ key, value }) => this.#text(key) === 'password' && value?.comment,
    );
    if (this.problems.length === before) this.#login(values, offset, cut ? 'cut' : 'whole');
  }

  #values(map: YAMLMap<Node, Node | null>): Values {
    const values: Values = {};
    for (const { key, value } of map.items) {
      const name = fields.find((field) => field === this.#text(key));
      const text = value === null ? '' : this.#text(value);
      if (name === undefined)
        this.#problem(`unknown field; expected one of ${fields.slice(0, 4).join(', ')}`, key.range?.[0]);
      else if (text === undefined)
        this.#problem(`${name} is not plain text; put it in single quotes`, key.range?.[0]);
      else values[name] = text;
    }
    return values;
  }

  #login(values: Values, offset: number | undefined, extent: 'whole' | 'cut'): void {
    const registry = registryKey(values.registry ?? dockerHub);
    const scope = parseLoginScope(values.scope ?? '');
    const { username = '', password = '' } = values;
    const doubt = extent === 'cut' ? { doubt: cutPassword } : {};
    const login = { registry, username, password, ...scope, ...doubt };
    const isSecond = this.logins.some((other) => targetOf(other) === targetOf(login));
    const repetition = isSecond ? `a second login for ${registry}` : undefined;
    const problem = problemOf(values, registry, scope) ?? repetition;
    if (password === '' && extent === 'cut') {
      const message = `password of ${registry} begins with "#", where YAML begins a comment; put it in single quotes`;
      this.#problem(message, offset);
      return;
    }
    if (problem === undefined) this.logins.push(login);
    else this.#problem(problem, offset);
  }

  #text(node: Node): string | undefined {
    if (!this.#yaml.isScalar(node) || node.tag !== undefined) return undefined;
    const { value } = node as Scalar;
    return typeof value === 'string' ? value : undefined;
  }

  #problem(message: string, offset: number | undefined): void {
    const line = offset === undefined ? undefined : this.#lines.linePos(offset).line;
    this.problems.push({ input: 'registry-auth', message, ...(line === undefined ? {} : { line }) });
  }
}

const cutPassword = ', whose password ends at " #", where YAML begins a comment: put it in single quotes';

function problemOf(values: Values, registry: string, scope: LoginScope | undefined): string | undefined {
  if (!/^[a-z0-9._\-:[\]]+$/.test(registry)) return 'registry is not a host name; expected host or host:port';
  if (!values.username) return `username is missing for ${registry}`;
  if (!values.password) return `password is missing for ${registry}; is the secret set in this repository?`;
  if (/[\u0000-\u001f\u007f:]/.test(values.username)) {
    return `username for ${registry} has a colon or a control character`;
  }
  if (scope === undefined) return 'scope is not valid; expected repository, repository@push or @pull,push';
  if (values.ecr === 'true') return 'ecr is not supported; use aws-actions/amazon-ecr-login to log in';
  return undefined;
}

function targetOf({ registry, repository, actions = [] }: RegistryLogin): string {
  return JSON.stringify([registry, repository, actions.toSorted()]);
}
