import { expect, test } from 'vitest';
import { textOf } from './search';

test.each([
  ['checkout', 'checkout'],
  [2026, '2026'],
  [true, 'true'],
  ['', undefined],
  [undefined, undefined],
  [null, undefined],
  [['a'], undefined],
  [{}, undefined],
])('%o is the text %o', (value, text) => {
  expect(textOf(value)).toBe(text);
});
