import assert from 'node:assert/strict';
import { test } from 'node:test';
import { quote } from '../../../src/oci/format-error.ts';
import { visible } from '../../../src/run/visible.ts';
import { sanitizeJson, sanitizeLine } from '../../../src/runner/sanitize.ts';

/** Recognizes a command as the runner does: `::name::` after leading white space, `##[name]` anywhere (actions/runner, ActionCommand.cs). */
function isCommand(line: string): boolean {
  // .NET trims what char.IsWhiteSpace names.
  const trimmed = line.replace(/^[\s\u0085]+/, '');
  return /^::[^:]*::/.test(trimmed) || /##\[[^\]]*\]/.test(line);
}

const commands: readonly string[] = [
  '::error::boom',
  '  ::error::boom',
  '\t::set-output name=x::y',
  '\u00a0::error::nbsp',
  '\u2003\u3000::error::wide spaces',
  '\ufeff::error::BOM',
  '\u0085::error::next line',
  '\u2028::error::line separator',
  '\v\f::error::other white space',
  '::add-mask::::',
  ':::error::three',
  '::::error::four',
  '::stop-commands::x',
  'text ##[error]boom',
  '##[group]x',
  '####[error]x',
  '##[##[error]error]x',
  'a ##[add-mask]b ##[error]c',
];

for (const text of commands)
  test(`no command: ${JSON.stringify(text)}`, () => {
    assert(!isCommand(sanitizeLine(text)), sanitizeLine(text));
  });

test('a line end within a line begins no new one: it stands as an escape', () => {
  for (const text of [
    'a\r::error::x',
    'a\n::error::x',
    'a\r\n##[error]x',
    'a\u2029::error::x',
    'a\u0085::error::x',
  ]) {
    const shown = sanitizeLine(text);
    assert.equal(shown.split(/[\r\n\u0085\u2028\u2029]/).length, 1);
    assert(!isCommand(shown));
  }
});

const kept: readonly string[] = [
  '',
  'plain text',
  'sha256:abc → ghcr.io/acme/app:1',
  'a :: b',
  'namespace::function',
  '  indented',
  '\ttab',
  '#[x] # #',
  'Grüße, 世界, 🚀',
  '%0A::error::x',
  ': x',
];

for (const text of kept)
  test(`kept as it is: ${JSON.stringify(text)}`, () => assert.equal(sanitizeLine(text), text));

const seen: readonly { name: string; in: string; out: string }[] = [
  { name: 'ANSI', in: '\u001b[31mred\u001b[0m', out: '\\x1b[31mred\\x1b[0m' },
  { name: 'OSC', in: '\u001b]0;title\u0007', out: '\\x1b]0;title\\x07' },
  { name: 'C1', in: '\u009b31m', out: '\\x9b31m' },
  { name: 'NUL and DEL', in: '\0\x7f', out: '\\x00\\x7f' },
  { name: 'a carriage return', in: 'good\rbad', out: 'good\\x0dbad' },
  { name: 'a backspace', in: 'ab\b\bc', out: 'ab\\x08\\x08c' },
  { name: 'bidirectional overrides', in: 'a\u202eb\u2066c\u2069', out: 'a\\u{202e}b\\u{2066}c\\u{2069}' },
  { name: 'bidirectional marks', in: '\u200e\u200f\u061c', out: '\\u{200e}\\u{200f}\\u{61c}' },
  { name: 'zero width', in: 'a\u200bb\u200d\u2060\ufeff', out: 'a\\u{200b}b\\u{200d}\\u{2060}\\u{feff}' },
  { name: 'a soft hyphen', in: 'a\u00adb', out: 'a\\xadb' },
  { name: 'tag characters', in: '\u{e0041}', out: '\\u{e0041}' },
  { name: 'line separators', in: 'a\u2028b\u2029c', out: 'a\\u{2028}b\\u{2029}c' },
  { name: 'a variation selector', in: 'a\ufe0fb\u{e0100}', out: 'a\\u{fe0f}b\\u{e0100}' },
  { name: 'fillers and the blank of braille', in: '\u3164\u2800', out: '\\u{3164}\\u{2800}' },
  { name: 'a tab', in: 'a\tb', out: 'a\tb' },
];

test('every code point that fonts show as nothing is shown as an escape', () => {
  const invisible = /^[\p{Default_Ignorable_Code_Point}\p{Cf}\p{Zl}\p{Zp}]$/u;
  for (let code = 0; code <= 0x10ffff; code += 1) {
    const character = String.fromCodePoint(code);
    if (!invisible.test(character)) continue;
    const shown = visible(character);
    assert.match(shown, /^\\(?:x[0-9a-f]{2}|u\{[0-9a-f]+\})$/, `U+${code.toString(16)}`);
    assert.match(quote(character), /^"(?:\\u[0-9a-f]{4}){1,2}"$/, `U+${code.toString(16)}`);
  }
});

for (const { name, in: text, out } of seen) test(`visible: ${name}`, () => assert.equal(visible(text), out));

test('JSON made harmless has the same value, and nothing in it that a log would take for a command', () => {
  for (const value of [...commands, ...seen.map((each) => each.in)]) {
    const json = sanitizeJson(JSON.stringify({ [value]: [value, 1, null] }));
    assert.deepEqual(JSON.parse(json), { [value]: [value, 1, null] });
    assert(!isCommand(json), json);
    assert.equal(visible(json), json);
  }
});
