import assert from 'node:assert/strict';
import { existsSync, globSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';

const root = fileURLToPath(new URL('../../../', import.meta.url));
const patterns = ['.github/workflows/*.yml', '.github/registries/*', '.ci/*'];
const files = patterns.flatMap((pattern) => globSync(pattern, { cwd: root }));

/** Every value of a key `image` or `container`, wherever it stands. */
function imagesIn(value: unknown): readonly string[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) => {
    if ((key === 'image' || key === 'container') && typeof inner === 'string') return [inner];
    return imagesIn(inner);
  });
}

for (const file of files.filter((name) => existsSync(`${root}${name}`))) {
  const text = readFileSync(`${root}${file}`, 'utf8');

  test(`${file}: every image is named by its digest`, () => {
    const named = file.endsWith('.yml') ? imagesIn(parse(text)) : [];
    const run = [...text.matchAll(/\b(?:docker|podman) run\b[^\n]*?\s((?:[\w.-]+\/)?[\w./-]+:[\w.-]+\S*)/g)];
    for (const image of [...named, ...run.map(([, image = '']) => image)])
      if (!image.includes('${{')) assert.match(image, /@sha256:[0-9a-f]{64}$/, image);
  });
}
