/** Writes the pictures of the documentation to docs/images: `npm run pictures`. */
import { mkdir, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type { Page } from 'playwright-core';
import { withPage } from './browser.ts';
import { captureSummaries } from './captured.ts';
import { pageOf, type Theme } from './page.ts';
import { encodePng, type Pixels } from './png.ts';

const folder = fileURLToPath(new URL('../../docs/images/', import.meta.url));
const themes: readonly Theme[] = ['light', 'dark'];

// Runs in the page.
const decode = `async (source) => {
  const picture = await createImageBitmap(await (await fetch(source)).blob());
  const { width, height } = picture;
  const context = new OffscreenCanvas(width, height).getContext('2d');
  context.drawImage(picture, 0, 0);
  const rgba = new Uint8Array(context.getImageData(0, 0, width, height).data.buffer);
  return { width, height, base64: rgba.toBase64() };
}`;

/** The pixels of a screenshot, as the browser itself decodes it. */
async function pixelsOf(page: Page, screenshot: Buffer): Promise<Pixels> {
  const source = JSON.stringify(`data:image/png;base64,${screenshot.toString('base64')}`);
  const decoded = await page.evaluate(`(${decode})(${source})`);
  const { width, height, base64 } = decoded as { width: number; height: number; base64: string };
  return { width, height, rgba: Buffer.from(base64, 'base64') };
}

const summaries = await captureSummaries();
await mkdir(folder, { recursive: true });
await withPage(async (page) => {
  for (const [name, markdown] of Object.entries(summaries)) {
    for (const theme of themes) {
      await page.setContent(await pageOf(markdown, theme));
      const png = encodePng(await pixelsOf(page, await page.locator('main').screenshot()));
      await writeFile(`${folder}summary-${name}-${theme}.png`, png);
      console.log(`docs/images/summary-${name}-${theme}.png  ${png.length} bytes`);
    }
  }
}, 2);
