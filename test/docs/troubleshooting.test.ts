import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { errorCodes } from './error-codes.ts';
import { codeOf, page } from './markdown.ts';

const troubleshooting = page('docs/TROUBLESHOOTING.md');

/** What stands under each heading of the third level. */
const sections = troubleshooting.text
  .split(/^(?=#{1,3} )/m)
  .filter((text) => text.startsWith('### '))
  .map((text) => ({ path: '', text }));

const documented = sections.flatMap(({ text }) =>
  [...(text.split('\n')[0] ?? '').matchAll(/`([A-Z_]+)`/g)].map(([, code = '']) => code),
);

describe('docs/TROUBLESHOOTING.md', () => {
  test('has every code that an error can have, once, and no other', () => {
    assert.deepEqual(documented.toSorted(), errorCodes());
  });

  for (const section of sections) {
    const [heading = ''] = section.text.split('\n');
    test(`tells of ${heading.slice(4)} what is seen, why, and what to do`, () => {
      for (const part of ['You see', 'Why', 'Do']) assert.ok(section.text.includes(`**${part}**`), part);
      assert.ok(codeOf(section).length > 0);
    });
  }
});
