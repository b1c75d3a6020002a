/** Markdown as a page that looks as GitHub shows it. */
import rehypeRaw from 'rehype-raw';
import rehypeSanitize, { defaultSchema } from 'rehype-sanitize';
import rehypeStringify from 'rehype-stringify';
import remarkGfm from 'remark-gfm';
import remarkParse from 'remark-parse';
import remarkRehype from 'remark-rehype';
import { unified } from 'unified';

/** The width of a job summary's text on github.com, in CSS pixels. */
export const columnWidth = 900;

/** The same on a phone of 390 pixels, without its margins. */
export const phoneWidth = 358;

export type Theme = 'light' | 'dark';

// GitHub's sanitiser also keeps these, which the schema at hand does not have yet.
const schema = { ...defaultSchema, tagNames: [...(defaultSchema.tagNames ?? []), 'wbr'] };

const github = unified()
  .use(remarkParse)
  .use(remarkGfm)
  .use(remarkRehype, { allowDangerousHtml: true })
  .use(rehypeRaw)
  .use(rehypeSanitize, schema)
  .use(rehypeStringify);

/** The HTML that GitHub makes of Markdown. */
export async function htmlOf(markdown: string): Promise<string> {
  return String(await github.process(markdown));
}

/** A whole page with the Markdown in GitHub's column of this width, in CSS pixels. */
export async function pageOf(markdown: string, theme: Theme, width = columnWidth): Promise<string> {
  const body = await htmlOf(markdown);
  return `<!doctype html><html lang="en" data-theme="${theme}"><meta charset="utf-8"><title>Summary</title><style>${style}</style><main style="width: ${width + 2 * 16}px"><article>${body}</article></main></html>`;
}

const style = `
:root { --text: #1f2328; --muted: #59636e; --page: #ffffff; --soft: #f6f8fa; --line: #d1d9e0; --code: #818b981f; --link: #0969da; }
:root[data-theme=dark] { --text: #f0f6fc; --muted: #9198a1; --page: #0d1117; --soft: #151b23; --line: #3d444d; --code: #656c7633; --link: #4493f8; color-scheme: dark; }
* { box-sizing: border-box; }
body { margin: 0; background: var(--page); color: var(--text); font: 16px/1.5 "Liberation Sans", Arial, "Noto Color Emoji", sans-serif; }
main { padding: 16px; }
article { overflow-wrap: break-word; }
article > :first-child { margin-top: 0; }
article > :last-child { margin-bottom: 0; }
h3 { margin: 24px 0 16px; font-size: 1.25em; line-height: 1.25; font-weight: 600; }
p, ul, blockquote, table, pre, details { margin: 0 0 16px; }
ul { padding-left: 2em; }
a { color: var(--link); }
blockquote { padding: 0 1em; color: var(--muted); border-left: .25em solid var(--line); }
blockquote > :last-child { margin-bottom: 0; }
summary { cursor: pointer; }
details[open] > summary { margin-bottom: 16px; }
table { display: block; width: max-content; max-width: 100%; overflow: auto; border-spacing: 0; border-collapse: collapse; }
th, td { padding: 6px 13px; border: 1px solid var(--line); }
th { font-weight: 600; }
tr { background: var(--page); border-top: 1px solid var(--line); }
tr:nth-child(2n) { background: var(--soft); }
code, pre { font-family: "Liberation Mono", Menlo, Consolas, monospace; font-size: 85%; }
code { padding: .2em .4em; background: var(--code); border-radius: 6px; white-space: break-spaces; }
h3 code { padding: 0 .2em; font-size: inherit; }
pre { padding: 16px; overflow: auto; line-height: 1.45; background: var(--soft); border-radius: 6px; overflow-wrap: normal; }
pre code { padding: 0; font-size: 100%; background: none; white-space: pre; overflow-wrap: normal; }
`;
