import type { LineCounter, Node, Scalar, YAMLMap, YAMLParseError, YAMLSeq } from 'yaml';
import type { InputProblem } from '../../run/errors.ts';
import { readSpecLists, type SpecList, specForm } from '../../spec-input/spec-list.ts';
import type { SpecField, SpecNode, SpecText } from '../../spec-input/spec-node.ts';
import { SpecProblems } from '../../spec-input/spec-problems.ts';
import { findSlips, reindented } from '../../spec-input/yaml-slips.ts';
import { maxSpecLength } from './spec-text.ts';

/** The `spec` input, parsed. */
export interface Spec {
  /** Also those with problems: their other inputs may have more. */
  readonly lists: readonly SpecList[];
  readonly problems: readonly InputProblem[];
  readonly warnings: readonly InputProblem[];
  readonly notes: readonly InputProblem[];
}

/** Maximum values of the document; a value behind several aliases counts each time, which limits YAML bombs. */
const maxNodes = 50_000;

/** A manifest-tool file has six levels; deeper values get better messages up to this depth. */
const maxDepth = 12;

/**
 * Parses the text of a spec, YAML or JSON: a list of entries with the names of the inputs, or in manifest-tool's
 * form, or one such entry. Values are text as they are written; anchors and aliases are followed. Every problem is
 * reported, with the number of its list and its line.
 */
export async function parseSpec(text: string): Promise<Spec> {
  const problems = new SpecProblems();
  const root = await readNodes(text, problems);
  const lists = root === undefined ? [] : readSpecLists(root, problems);
  const { warnings, notes } = problems;
  return { lists, problems: problems.problems, warnings, notes };
}

async function readNodes(text: string, problems: SpecProblems): Promise<SpecNode | undefined> {
  if (text.length > maxSpecLength) {
    problems.add(1, `has ${text.length} characters; a spec has at most ${maxSpecLength}`);
    return undefined;
  }
  const yaml = await import('yaml');
  const given = parseYaml(yaml, text);
  const isValid = given.document.errors.length === 0;
  // The lines of expressions are indented if that makes the text valid.
  const indented = isValid ? given : parseYaml(yaml, reindented(text));
  const { document, lines } = indented.document.errors.length === 0 ? indented : given;
  if (document.errors.length > 0) {
    const flaws = document.errors.map((error) => ({
      line: lines.linePos(error.pos[0]).line,
      message: syntaxMessage(error),
    }));
    const slips = findSlips(text);
    for (const { line, message } of slips.length > 0 ? slips : flaws) problems.add(line, message);
    return undefined;
  }
  const reader = new NodeReader(yaml, lines, problems);
  const root = reader.read(document.contents, 1, 0);
  return reader.isCut ? undefined : root;
}

type Yaml = typeof import('yaml');

interface ParsedYaml {
  readonly document: ReturnType<Yaml['parseDocument']>;
  readonly lines: LineCounter;
}

function parseYaml(yaml: Yaml, text: string): ParsedYaml {
  const lines = new yaml.LineCounter();
  // The failsafe schema keeps 1.10 and `on` as they are written. Messages about repeated keys name both lines.
  const document = yaml.parseDocument(text, {
    schema: 'failsafe',
    prettyErrors: false,
    logLevel: 'error',
    lineCounter: lines,
    uniqueKeys: false,
  });
  return { document, lines };
}

// The parser quotes the text after a colon, and a spec may be any file.
function syntaxMessage({ code, message }: YAMLParseError): string {
  if (code === 'MULTIPLE_DOCS') return 'has several YAML documents; write one list of entries';
  return `is not valid YAML: ${message.split(': ', 1)[0]}`;
}

/** Converts the parser's tree to SpecNodes: without aliases and types, with lines instead of offsets. */
class NodeReader {
  readonly #yaml: typeof import('yaml');
  readonly #lines: LineCounter;
  readonly #problems: SpecProblems;
  /** The parser's own look-up walks the whole document for every alias. */
  readonly #anchors = new Map<string, Node>();
  #nodes = 0;
  /** Whether the document exceeded the limits, so that only a part of it was read. */
  isCut = false;

  constructor(yaml: typeof import('yaml'), lines: LineCounter, problems: SpecProblems) {
    this.#yaml = yaml;
    this.#lines = lines;
    this.#problems = problems;
  }

  /** `line`: that of an empty value, which has no position of its own */
  read(node: Node | null, line: number, depth: number): SpecNode {
    const yaml = this.#yaml;
    const place = node?.range ? this.#lines.linePos(node.range[0]).line : line;
    this.#nodes += 1;
    if (this.isCut || this.#nodes > maxNodes || depth > maxDepth) return this.#tooMuch(place, depth);
    if (yaml.isAlias(node)) {
      const target = this.#anchors.get(node.source);
      return target
        ? this.read(target, place, depth)
        : this.#refuse(place, 'has an alias without its anchor; put a value that begins with "*" in quotes');
    }
    if (node?.anchor) this.#anchors.set(node.anchor, node);
    if (node?.tag !== undefined) return this.#refuse(place, 'has a YAML tag; write plain text');
    if (yaml.isSeq(node)) {
      const { items } = node as YAMLSeq<Node | null>;
      return { kind: 'sequence', line: place, items: items.map((item) => this.read(item, place, depth + 1)) };
    }
    if (yaml.isMap(node))
      return {
        kind: 'mapping',
        line: place,
        fields: this.#fields(node as YAMLMap<Node, Node | null>, depth),
      };
    return textOf(node as Scalar | null, place);
  }

  #fields(map: YAMLMap<Node, Node | null>, depth: number): readonly SpecField[] {
    return map.items.flatMap(({ key, value }) => {
      const name = this.read(key, 1, depth + 1);
      if (name.kind === 'text')
        return [{ key: name.text, line: name.line, value: this.read(value, name.line, depth + 1) }];
      this.#problems.add(name.line, 'has a key that is not text');
      return [];
    });
  }

  #tooMuch(line: number, depth: number): SpecText {
    const flaw =
      depth > maxDepth ? `is nested more than ${maxDepth} levels deep` : `has more than ${maxNodes} values`;
    if (!this.isCut) this.#refuse(line, `${flaw}; expected ${specForm}`);
    this.isCut = true;
    return textOf(null, line);
  }

  #refuse(line: number, message: string): SpecText {
    this.#problems.add(line, message);
    return { ...textOf(null, line), refused: true };
  }
}

function textOf(scalar: Scalar | null, line: number): SpecText {
  const text = typeof scalar?.value === 'string' ? scalar.value : '';
  return { kind: 'text', text, line, style: scalar?.type === 'BLOCK_LITERAL' ? 'block' : 'inline' };
}
