import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  folded,
  markdownCode,
  markdownMessage,
  markdownTable,
  markdownText,
  preformatted,
  withoutSecrets,
} from '../../../src/actions/summary/markdown.ts';

/** The text that a reader sees: without elements, with decoded character references. */
function decoded(text: string): string {
  return text
    .replace(/<\/?(?:span|wbr)>/g, '')
    .replace(/&#(\d+);/g, (_all, code: string) => String.fromCharCode(Number(code)));
}

const markdown: readonly string[] = [
  '<script>alert(1)</script>',
  '<img src=x onerror=alert(1)>',
  '&lt;b&gt; &amp; &#60;',
  '**bold** _it_ ~~no~~ `code` ``` ```',
  '[link](javascript:alert(1)) ![image](https://evil.example/x.png)',
  '| a | b |',
  'a \\| b \\` c',
  '# heading',
  '@someone #123',
  'https://evil.example www.evil.example',
  '</details></pre></code>',
  '"quoted" \'too\'',
  '<!-- comment -->',
  '$\\text{formula}$',
  ':rocket: :+1:',
  `https://evil.example/${'a'.repeat(200)}@example.com#1`,
  `${'www.evil.example/'.repeat(20)}`,
];

for (const text of markdown)
  test(`Markdown shows itself: ${text.slice(0, 60)}`, () => {
    const shown = markdownText(text);
    assert.equal(decoded(shown), text);
    // An element of its own keeps each of these from what GitHub looks for in the decoded text.
    const alone = shown.replace(/<span>&#\d+;<\/span>|<wbr>/g, '\0');
    const live = alone.replace(/&#(\d+);/g, '');
    assert.doesNotMatch(live, /[<>"'`*_~[\]|\\@$&]|:\/\/|www\.|:[\w+-]+:/);
    assert.doesNotMatch(decoded(alone), /[@#$]|:\/\/|www\.|:[\w+-]+:/);
  });

test('Markdown text is one line, whatever line ends it has', () =>
  assert.equal(markdownText('a\r\n\n- b\u2028c\td'), 'a - b c d'));

const codes: readonly { in: string; out: string }[] = [
  { in: 'ghcr.io/acme/app:1.2-3_x@sha256:ab', out: '`ghcr.io/acme/app:1.2-3_x@sha256:ab`' },
  { in: '', out: '<code></code>' },
  { in: 'a`b', out: '<code>a&#96;b</code>' },
  { in: 'a|b', out: '<code>a&#124;b</code>' },
  { in: 'a b', out: '<code>a b</code>' },
  { in: '</code><b>', out: '<code>&#60;/code&#62;&#60;b&#62;</code>' },
  { in: 'x\n| y', out: '<code>x &#124; y</code>' },
  {
    in: `ghcr.io/acme/${'application'.repeat(3)}:1`,
    out: '<code>ghcr.io/<wbr>acme/<wbr>applicationapplicati<wbr>onapplication:<wbr>1</code>',
  },
];

for (const { in: text, out } of codes)
  test(`code in Markdown: ${JSON.stringify(text)}`, () => assert.equal(markdownCode(text), out));

const messages: readonly { in: string; out: string }[] = [
  { in: 'Set `format: oci`, or `auto`.', out: 'Set <code>format: oci</code>, or `auto`.' },
  { in: 'an odd ` stays', out: 'an odd &#96; stays' },
  { in: ' - an item', out: '&#45; an item' },
  { in: '1. an item', out: '1&#46; an item' },
  { in: '===', out: '&#61;==' },
  { in: ':--', out: '&#58;--' },
  { in: '1.4.0 is there', out: '1&#46;4.0 is there' },
  { in: '`<b>` **x**', out: '<code>&#60;b&#62;</code> &#42;&#42;x&#42;&#42;' },
];

for (const { in: text, out } of messages)
  test(`message in Markdown: ${text}`, () => assert.equal(markdownMessage(text), out));

test('a word too long for a cell may wrap every 20 characters, and keeps its characters', () => {
  for (const word of [
    'x'.repeat(200),
    '-'.repeat(200),
    '世'.repeat(200),
    '🚀'.repeat(100),
    'a/'.repeat(100),
  ]) {
    const shown = markdownText(word);
    assert.equal(decoded(shown), word);
    for (const piece of shown.split('<wbr>')) assert([...piece].length <= 24, piece);
  }
});

test('a table has as many cells in each row as in its head', () => {
  const text = markdownTable(['A', 'B:'], [[markdownText('|'), markdownCode('a|b')]]);
  assert.equal(text, '| A | B |\n| :-- | --: |\n| &#124; | <code>a&#124;b</code> |');
});

test('nothing is folded around nothing', () => assert.equal(folded('Empty', ''), ''));

const secrets: readonly string[] = [
  'hunter2',
  'x'.repeat(90),
  'a/b:c@d_e-f$g#h',
  '<b>&"\\`',
  'with a space',
  '(.*)+[a]{2}|^$?',
  'pässwörd🚀',
];

for (const secret of secrets)
  test(`no secret is left: ${secret.slice(0, 40)}`, () => {
    const around = 'registry.example.com/'.padEnd(60, 'long');
    const texts = [secret, `${around}${secret}${around}`, `- ${secret}`];
    for (const form of [markdownText, markdownCode, markdownMessage, preformatted])
      for (const text of texts.map(form)) {
        const shown = withoutSecrets(text, [secret]);
        assert.match(shown, /\*{3}/, text);
        assert.ok(!decoded(shown).includes(secret), shown);
      }
    const json = preformatted(JSON.stringify({ [secret]: secret }));
    assert.doesNotMatch(decoded(withoutSecrets(json, [secret])).replace(/<[^>]*>/g, ''), /[^{}":*]/);
  });

test('what is no secret stays as it is', () => {
  const text = markdownText('a.c <b> registry.example.com/acme/application/and/more:1');
  assert.equal(withoutSecrets(text, ['abc', 'b>c', '']), text);
});
