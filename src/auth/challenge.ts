/** One way to authenticate that a server offers. https://www.rfc-editor.org/rfc/rfc9110#section-11.3 */
export interface Challenge {
  /** Lower-case: `bearer`, `basic`. */
  readonly scheme: string;
  /** By lower-case name; quoted values are unquoted. */
  readonly parameters: ReadonlyMap<string, string>;
  readonly token68?: string;
}

/**
 * Parses the challenges of all WWW-Authenticate headers of a response, in their order.
 * A header is dropped from its first malformed element on; nothing is thrown. A missing comma between parameters is
 * forgiven: white space then separates them.
 *
 * RFC 9110 §11.6.1, §11.3, §11.2 and §5.6:
 * ```
 * WWW-Authenticate = #challenge
 * challenge        = auth-scheme [ 1*SP ( token68 / #auth-param ) ]
 * auth-param       = token BWS "=" BWS ( token / quoted-string )
 * token68          = 1*( ALPHA / DIGIT / "-" / "." / "_" / "~" / "+" / "/" ) *"="
 * ```
 * Commas separate both challenges and parameters: a token without "=" after it begins a challenge.
 */
export function parseChallenges(headerValues: readonly string[]): readonly Challenge[] {
  return headerValues.flatMap((value) => readHeader(new Scanner(value)));
}

/** Whether a challenge names a token server. */
export function namesRealm({ scheme, parameters }: Challenge): boolean {
  return scheme === 'bearer' && parameters.has('realm');
}

interface Draft {
  readonly scheme: string;
  readonly parameters: Map<string, string>;
  token68?: string;
}

function readHeader(scanner: Scanner): readonly Challenge[] {
  const challenges: Draft[] = [];
  for (scanner.take(separators); !scanner.atEnd(); scanner.take(separators)) {
    if (!readElement(scanner, challenges)) break;
  }
  return challenges;
}

/** Parses a parameter of the last challenge, or begins a new one; false when the element is malformed. */
function readElement(scanner: Scanner, challenges: Draft[]): boolean {
  const name = scanner.take(token);
  const current = challenges.at(-1);
  if (current !== undefined && current.token68 === undefined && scanner.take(equals) !== '') {
    return readValue(scanner, current, name);
  }
  if (name === '' || !scanner.at(wordEnd)) return false;
  const draft: Draft = { scheme: name.toLowerCase(), parameters: new Map() };
  challenges.push(draft);
  return scanner.at(elementEnd) || readFirst(scanner, draft);
}

/** Parses the text directly after a scheme: a token68, or the first parameter. */
function readFirst(scanner: Scanner, draft: Draft): boolean {
  scanner.take(space);
  const encoded = scanner.take(token68);
  if (encoded !== '') {
    draft.token68 = encoded;
    return true;
  }
  const name = scanner.take(token);
  return scanner.take(equals) !== '' && readValue(scanner, draft, name);
}

function readValue(scanner: Scanner, draft: Draft, name: string): boolean {
  const value = scanner.takeQuoted() ?? (scanner.take(token) || undefined);
  if (name === '' || value === undefined || !scanner.at(wordEnd)) return false;
  const key = name.toLowerCase();
  // A parameter must not occur twice (§11.2); the first one counts, whatever is appended.
  if (!draft.parameters.has(key)) draft.parameters.set(key, value);
  return true;
}

const token = /[!#$%&'*+\-.^_`|~0-9A-Za-z]*/y;
const space = /[ \t]*/y;
const equals = /[ \t]*=[ \t]*/y;
const separators = /[ \t,]*/y;
const elementEnd = /[ \t]*(?:,|$)/y;
const wordEnd = /[ \t,]|$/y;
const token68 = /[A-Za-z0-9\-._~+/]+=*(?=[ \t]*(?:,|$))/y;
// qdtext and quoted-pair of §5.6.4; the two alternatives share no character.
const quoted = /"((?:[\t !#-[\]-~\u0080-\uffff]|\\[\t -~\u0080-\uffff])*)"/y;

/** A position in a header value that only moves forward. */
class Scanner {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  atEnd(): boolean {
    return this.#at >= this.#text.length;
  }

  /** Whether a sticky pattern matches here. */
  at(pattern: RegExp): boolean {
    pattern.lastIndex = this.#at;
    return pattern.test(this.#text);
  }

  takeQuoted(): string | undefined {
    const text = this.take(quoted);
    return text === '' ? undefined : text.slice(1, -1).replace(/\\(.)/g, '$1');
  }

  take(pattern: RegExp): string {
    pattern.lastIndex = this.#at;
    const text = pattern.exec(this.#text)?.[0] ?? '';
    this.#at += text.length;
    return text;
  }
}
