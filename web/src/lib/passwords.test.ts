import { expect, test } from 'vitest';
import { passwordFault } from './passwords';

test.each([
  ['seven lamps', undefined],
  ['short', 'Use 10 characters or more.'],
  ['😀😀😀😀😀', 'Use 10 characters or more.'],
  ['Ada@Example.com', 'Do not use your e-mail address.'],
  ['aaaaaaaaaaaa', 'Do not use one character over and over.'],
])('%s', (password, fault) => {
  expect(passwordFault(password, 'ada@example.com')).toBe(fault);
});
