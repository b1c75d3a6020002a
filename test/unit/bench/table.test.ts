import assert from 'node:assert/strict';
import { test } from 'node:test';
import { markdownTable, plainTable, type Table } from '../../../bench/table.ts';

const table: Table = {
  title: 'A job',
  headings: ['tool', 'requests'],
  rows: [
    ['ours', '17'],
    ['a longer name', '5'],
  ],
  notes: ['crane: not measured, crane is not on PATH'],
};

test('a table for the terminal is padded', () =>
  assert.deepEqual(plainTable(table).split('\n'), [
    'A job',
    'tool           requests',
    'ours                 17',
    'a longer name         5',
    'crane: not measured, crane is not on PATH',
  ]));

test('a table for a page is Markdown', () =>
  assert.deepEqual(markdownTable(table).split('\n'), [
    '### A job',
    '',
    '| tool | requests |',
    '| --- | ---: |',
    '| ours | 17 |',
    '| a longer name | 5 |',
    '',
    '- crane: not measured, crane is not on PATH',
  ]));
