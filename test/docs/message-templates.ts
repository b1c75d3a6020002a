import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { root } from './markdown.ts';

/** A text of the sources with gaps in it: the parts that stay, in their order. */
export type MessageTemplate = readonly string[];

/** Every text and template of the sources. */
export function messageTemplates(): readonly MessageTemplate[] {
  const directory = join(root, 'src');
  return readdirSync(directory, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .flatMap((name) => templatesIn(readFileSync(join(directory, name), 'utf8')));
}

function templatesIn(text: string): readonly MessageTemplate[] {
  const found: MessageTemplate[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isStringLiteralLike(node)) found.push([node.text]);
    if (ts.isTemplateExpression(node)) {
      found.push([node.head.text, ...node.templateSpans.map(({ literal }) => literal.text)]);
    }
    ts.forEachChild(node, visit);
  };
  visit(ts.createSourceFile('source.ts', text, ts.ScriptTarget.Latest));
  return found;
}

/** Returns true if the text contains the parts of the template, in their order. */
export function occursIn(template: MessageTemplate, text: string): boolean {
  let at = 0;
  for (const part of template.map(squeezed).filter((each) => each !== '')) {
    const found = text.indexOf(part, at);
    if (found < 0) return false;
    at = found + part.length;
  }
  return true;
}

/** The plain words of a message that no template in it accounts for: hosts, names, numbers and codes are not words. */
export function unaccounted(message: string, templates: readonly MessageTemplate[]): readonly string[] {
  const parts = templates.filter((template) => occursIn(template, message)).flat();
  const known = new Set(parts.flatMap(wordsOf));
  return wordsOf(message).filter((word) => !known.has(word));
}

function wordsOf(text: string): readonly string[] {
  return text.split(/\s+/).flatMap((word) => /^[("]*([a-z][a-z']+)[,.:;)"]*$/.exec(word)?.[1] ?? []);
}

function squeezed(text: string): string {
  return text.replaceAll(/\s+/g, ' ');
}
