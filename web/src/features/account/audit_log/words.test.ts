import { expect, test } from 'vitest';
import { linesOf, spansOf } from './words';

test('a description is a list of lines', () => {
  expect(linesOf('* Turned on\n* Changed the name')).toEqual(['Turned on', 'Changed the name']);
  expect(linesOf('')).toEqual([]);
});

test('what the verb says already is not said again', () => {
  expect(linesOf('* Turned on', 'turned on the flag')).toEqual([]);
  expect(linesOf('* Turned on\n* Changed the name', 'changed the flag')).toHaveLength(2);
});

test('values stand out, and what they replaced is told apart', () => {
  expect(spansOf('Changed the first name from ~~``~~ to `Ada`')).toEqual([
    { text: 'Changed the first name from ' },
    { text: 'nothing', isValue: true, isReplaced: true },
    { text: ' to ' },
    { text: 'Ada', isValue: true },
  ]);
});

test('a line without values is just words', () => {
  expect(spansOf('Turned on')).toEqual([{ text: 'Turned on' }]);
});
