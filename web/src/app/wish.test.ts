import { expect, test } from 'vitest';
import { wish } from './wish';

test('a name alone is looked for', () => {
  expect(wish(' checkout ')).toEqual({ act: undefined, subject: 'checkout' });
  expect(wish('turnout')).toEqual({ act: undefined, subject: 'turnout' });
});

test('turn on and turn off name an act and its subject', () => {
  expect(wish('turn off new checkout')).toEqual({ act: 'off', subject: 'new checkout' });
  expect(wish('Switch ON dark')).toEqual({ act: 'on', subject: 'dark' });
  expect(wish('turn on')).toEqual({ act: 'on', subject: '' });
});
