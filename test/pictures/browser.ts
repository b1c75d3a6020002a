/** Chromium or Chrome without a window, which loads nothing from the network. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type BrowserContext, chromium, type Page } from 'playwright-core';
import { findProgram } from '../support/wire/programs.ts';
import { columnWidth } from './page.ts';

const executablePath = ['chromium', 'google-chrome', 'chromium-browser']
  .map(findProgram)
  .find((path) => path !== undefined);

/** Why there is no browser, or false; with CI=true a missing one fails the run instead. */
export const missingBrowser: string | false =
  executablePath !== undefined || process.env['CI'] === 'true'
    ? false
    : 'not on PATH: chromium or google-chrome';

const flags: readonly string[] = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--font-render-hinting=none',
  '--hide-scrollbars',
];

/** Runs `use` with a page of a new browser, which has a profile of its own; `scale`: device pixels per CSS pixel. */
export async function withPage<T>(use: (page: Page) => Promise<T>, scale = 1): Promise<T> {
  const profile = await mkdtemp(join(tmpdir(), 'chromium-'));
  if (executablePath === undefined) throw new Error('neither chromium nor google-chrome is on PATH');
  let browser: BrowserContext | undefined;
  try {
    browser = await chromium.launchPersistentContext(profile, {
      executablePath,
      args: [...flags],
      headless: true,
      viewport: { width: columnWidth + 2 * 16, height: 600 },
      deviceScaleFactor: scale,
      offline: true,
    });
    return await use(await browser.newPage());
  } finally {
    await browser?.close();
    await rm(profile, { recursive: true, force: true });
  }
}
