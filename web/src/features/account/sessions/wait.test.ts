import { expect, test } from 'vitest';
import { waitLeft } from './wait';

test.each([
  [845, '14 min 5 s'],
  [60, '1 min 0 s'],
  [39.2, '40 s'],
  [0, ''],
  [-3, ''],
])('%d seconds are told as "%s"', (seconds, told) => {
  expect(waitLeft(seconds)).toBe(told);
});
