import { expect, test } from 'vitest';
import { ownPath } from './ownPath';

test('a path of the console is kept, with its filters', () => {
  expect(ownPath('/projects/web/production/flags?q=check&sort=-name#top')).toBe(
    '/projects/web/production/flags?q=check&sort=-name#top',
  );
});

test.each([
  ['https://evil.example/'],
  ['//evil.example/path'],
  ['/\\evil.example'],
  ['/\t/evil.example'],
  ['/x/..//evil.example'],
  ['javascript:alert(1)'],
  ['/sign-in?then=/sign-in'],
  ['relative'],
  [undefined],
  [7],
])('%s leads to the first page instead', (given) => {
  expect(ownPath(given)).toBe('/');
});
