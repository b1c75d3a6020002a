/** Summaries as a browser shows them in GitHub's column: nothing is too wide, nothing of others is alive. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Page } from 'playwright-core';
import { packagePage } from '../../src/actions/summary/pages.ts';
import type { Report, Result } from '../../src/actions/summary/report.ts';
import { renderSummary } from '../../src/actions/summary/summary.ts';
import { repositoriesOf } from '../../src/actions/summary/tag-table.ts';
import { formatRepository } from '../../src/oci/reference.ts';
import { missingBrowser, withPage } from './browser.ts';
import { hostileTexts } from './hostile-reports.ts';
import { columnWidth, pageOf, phoneWidth } from './page.ts';
import { shown, unusual } from './scenes.ts';

/** The measures of a page whose folded parts are open. */
interface Findings {
  /** Elements that are wider than the column, or than what holds them. */
  readonly wide: readonly string[];
  /** Cells of more than four lines. */
  readonly tall: readonly string[];
  /** Elements that do or load something. */
  readonly alive: readonly string[];
  /** Texts in which GitHub would find a mention, a number, a link, an emoji or a formula. */
  readonly active: readonly string[];
  readonly elements: Readonly<Record<string, number>>;
  readonly text: string;
}

// Runs in the page. Code blocks may scroll; nothing else may.
const examine = `(() => {
  for (const details of document.querySelectorAll('details')) details.open = true;
  const article = document.querySelector('article');
  const all = [...article.querySelectorAll('*')];
  const edge = article.getBoundingClientRect().right + 0.5;
  const isDocument = (element) => element.closest('pre') !== null;
  const name = (element) => element.tagName + ': ' + element.textContent.slice(0, 80);
  const wide = all.filter((element) => element.tagName === 'PRE' || !isDocument(element)).filter((element) =>
    element.getBoundingClientRect().right > edge ||
    (!isDocument(element) && element.clientWidth > 0 && element.scrollWidth > element.clientWidth));
  const linesOf = (cell) => {
    const { lineHeight } = getComputedStyle(cell);
    const boxes = document.createRange();
    boxes.selectNodeContents(cell);
    return Math.round(boxes.getBoundingClientRect().height / parseFloat(lineHeight));
  };
  const tall = [...article.querySelectorAll('th, td')].filter((cell) => linesOf(cell) > 4);
  const alive = all.filter((element) =>
    /^(A|IMG|SCRIPT|STYLE|LINK|IFRAME|OBJECT|EMBED|FORM|INPUT|BUTTON|VIDEO|AUDIO|SVG|MATH|SUP|SECTION)$/i.test(element.tagName) ||
    element.getAttributeNames().some((attribute) => attribute.startsWith('on') || attribute === 'style'));
  const walker = document.createTreeWalker(article, NodeFilter.SHOW_TEXT);
  const active = [];
  while (walker.nextNode()) {
    const { data, parentElement } = walker.currentNode;
    if (parentElement.closest('a, pre, code') !== null) continue;
    if (/@\\w|#\\d|GH-\\d+$|:\\/\\/|www\\.|:[\\w+-]+:|\\$\\S/i.test(data)) active.push(data);
  }
  const elements = {};
  for (const { tagName } of all) elements[tagName] = (elements[tagName] ?? 0) + 1;
  return {
    wide: wide.map(name),
    tall: tall.map(name),
    alive: alive.map((element) => element.outerHTML),
    active,
    elements,
    text: article.innerText,
  };
})()`;

async function findingsIn(page: Page, report: Report, width = columnWidth): Promise<Findings> {
  await page.setContent(await pageOf(renderSummary(report), 'light', width));
  return (await page.evaluate(examine)) as Findings;
}

/** The lines that are items of a list: warnings, and rows too long for a table on a phone. */
function itemsOf(report: Report): number {
  return renderSummary(report).match(/^- /gm)?.length ?? 0;
}

/** The links that a report itself has. */
function ownLinks(report: Report): readonly string[] {
  if ('lists' in report && report.status === 'published') return report.lists.flatMap(packageLinks);
  const { code, page } = ('failure' in report ? report.failure : undefined) ?? {};
  return page === undefined ? [] : [`<a href="${page}">More about ${code}</a>`];
}

/** The links to the pages of the repositories, in the order of the list. */
function packageLinks({ tags }: Result): readonly string[] {
  const groups = repositoriesOf(tags);
  return groups.flatMap(([{ repository }]) => {
    const page = packagePage(repository);
    if (page === undefined) return [];
    return groups.length > 1
      ? [`<a href="${page}"><code>${formatRepository(repository)}</code></a>`]
      : [`<a href="${page}">Open the package</a>`];
  });
}

test('summaries in a browser', { skip: missingBrowser }, async (context) => {
  await withPage(async (page) => {
    const requests: string[] = [];
    page.on('request', (request) => requests.push(request.url()));
    for (const [name, report] of Object.entries({ ...shown, ...unusual })) {
      await context.test(name, async () => {
        const { wide, alive, active, elements } = await findingsIn(page, report);
        assert.deepEqual(wide, [], `wider than ${columnWidth} px`);
        assert.deepEqual(alive, ownLinks(report));
        assert.deepEqual(active, []);
        assert.equal(elements['H3'], 1);
        assert.equal(elements['LI'] ?? 0, itemsOf(report));
        for (const tag of ['H1', 'H2', 'OL', 'HR', 'EM', 'DEL', 'BLOCKQUOTE'])
          assert.equal(elements[tag], undefined, tag);
        await page.evaluate("document.documentElement.dataset.theme = 'dark'");
        const dark = (await page.evaluate(examine)) as Findings;
        assert.deepEqual(dark.wide, [], `wider than ${columnWidth} px, dark`);
        const phone = await findingsIn(page, report, phoneWidth);
        assert.deepEqual(phone.wide, [], `wider than ${phoneWidth} px`);
        assert.deepEqual(phone.tall, [], `more than four lines on ${phoneWidth} px`);
      });
    }

    for (const name of ['hostile', 'hostile and failed', 'hostile and deferred'] as const) {
      await context.test(`${name}: every text is shown as it is`, async () => {
        const report = unusual[name];
        assert(report !== undefined);
        const { text } = await findingsIn(page, report);
        for (const hostile of hostileTexts().filter((each) => !/\p{Cc}|\p{Cf}/u.test(each)))
          assert(text.includes(hostile), hostile);
        assert.doesNotMatch(text, /[\u202a-\u202e\u2066-\u2069\u200b\u001b]/);
      });
    }

    await context.test('nothing is loaded', () => assert.deepEqual(requests, []));
  });
});
