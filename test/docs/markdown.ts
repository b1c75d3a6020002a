import { globSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The repository's own directory. */
export const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));

/** A page of the documentation. */
export interface Page {
  /** From the repository's directory, with forward slashes. */
  readonly path: string;
  readonly text: string;
}

/** A fenced block of code. */
export interface Fence {
  readonly language: string;
  readonly text: string;
  /** `docs/SOURCES.md:12`, for messages. */
  readonly place: string;
}

/** Every page that users and contributors read. */
export const pages: readonly Page[] = globSync(['*.md', '{docs,inspect,purge,test,.github}/*.md'], {
  cwd: root,
})
  .map((path) => path.replaceAll('\\', '/'))
  .toSorted()
  .map((path) => ({ path, text: readFileSync(join(root, path), 'utf8') }));

/** The page at a path; throws when there is none. */
export function page(path: string): Page {
  const found = pages.find((each) => each.path === path);
  if (found === undefined) throw new Error(`there is no page ${path}`);
  return found;
}

const fence = /^( *)```(\w*)[^\n]*\n([\s\S]*?)^ *```$/gm;

/** The fenced blocks of a page, their indentation taken off. */
export function fencesOf({ path, text }: Page): readonly Fence[] {
  return [...text.matchAll(fence)].map(({ 1: indent = '', 2: language = '', 3: body = '', index }) => ({
    language,
    text: body.replaceAll(new RegExp(`^ {${indent.length}}`, 'gm'), ''),
    place: `${path}:${text.slice(0, index).split('\n').length}`,
  }));
}

/** A page without its fenced blocks: what people read as prose, tables and headings. */
export function proseOf({ text }: Page): string {
  return text.replace(fence, '');
}

/** The texts in `code` marks of a page's prose. */
export function codeOf(of: Page): readonly string[] {
  return [...proseOf(of).matchAll(/(`+)(.+?)\1/g)].map(([, , text = '']) => text.trim());
}

/** The targets of a page's links. */
export function linksOf(of: Page): readonly string[] {
  const prose = proseOf(of).replace(/(`+).+?\1/g, '');
  return [...prose.matchAll(/\]\(([^()\s]+)\)/g)].map(([, target = '']) => target);
}

/** The headings of a page, without their marks. */
export function headingsOf(of: Page): readonly string[] {
  return [...proseOf(of).matchAll(/^#+ +(.+)$/gm)].map(([, text = '']) => text.trim());
}

/** The anchor that GitHub gives a heading. */
export function anchorOf(heading: string): string {
  return heading
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\s_-]/gu, '')
    .replaceAll(' ', '-');
}
