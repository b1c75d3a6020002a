import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { errorCodes } from './error-codes.ts';
import { page } from './markdown.ts';
import { messageTemplates, unaccounted } from './message-templates.ts';

const { text } = page('docs/TROUBLESHOOTING.md');

/** The text below each heading of the third level, by the code in the heading. */
const sections = text.split(/^(?=#{1,3} )/m).flatMap((section) => {
  const code = /^### `([A-Z_]+)`$/m.exec(section)?.[1];
  return code === undefined ? [] : [{ code, section }];
});

const templates = messageTemplates();

/** The messages that a section quotes, each as one line. */
function quotedIn(section: string): readonly string[] {
  return [...section.matchAll(/(?:^> .+\n)+/gm)].map(([quoted]) =>
    quoted.replaceAll(/^> /gm, '').replaceAll('\\`', '`').replaceAll(/\s+/g, ' ').trim(),
  );
}

/** Returns true if a text in the sources contains these words. */
function isWritten(words: string): boolean {
  return templates.some((template) => template.some((part) => part.includes(words)));
}

describe('docs/TROUBLESHOOTING.md', () => {
  test('has every code that an error can have, once, and no other', () =>
    assert.deepEqual(sections.map(({ code }) => code).toSorted(), errorCodes()));

  test('leads from each of the ten most frequent symptoms to its fix', () => {
    const [, list = ''] = text.split(/^## By symptom$/m);
    const rows = (list.split(/^## /m)[0] ?? '')
      .split('\n')
      .filter((line) => line.startsWith('| '))
      .slice(2);
    assert.ok(rows.length >= 10, `${rows.length}`);
    for (const row of rows) {
      assert.match(row, /\]\([^)]+\) \|$/, row);
      const quoted = [...(row.split(' | ')[0] ?? '').matchAll(/"([^"]+)"/g)].map(([, words = '']) => words);
      for (const piece of quoted.flatMap((words) => words.split(' … '))) assert.ok(isWritten(piece), piece);
    }
  });

  test('quotes in its questions what the action or GitHub writes', () => {
    const [, questions = ''] = text.split(/^## Questions without an error$/m);
    const quoted = [...questions.matchAll(/"([^"]+)"/g)].map(([, words = '']) => words);
    assert.ok(quoted.includes('This is a bug'));
    const ofGithub = 'No description provided';
    for (const words of quoted) assert.ok(words === ofGithub || isWritten(words), words);
  });

  for (const { code, section } of sections) {
    test(`has a message, a cause and a fix for ${code}`, () => {
      for (const part of ['Message', 'Cause', 'Fix']) assert.ok(section.includes(`**${part}**`), part);
    });

    test(`quotes messages of ${code} that the sources have`, () => {
      const quoted = quotedIn(section);
      assert.ok(quoted.length > 0);
      for (const message of quoted) assert.deepEqual(unaccounted(message, templates), [], message);
    });
  }
});
