import { expect, test } from 'vitest';
import { type Draft, NEW_DRAFT } from './draft';
import { meaningOf, plural } from './meaning';

const said = (more: Partial<Draft>) => meaningOf({ ...NEW_DRAFT, eventKey: 'signup', ...more }).join(' ');

test('a conversion', () => {
  expect(said({})).toBe('Share of users who send “signup” at least once. Higher is better.');
});

test('a total, with who is left out and what is capped', () => {
  expect(said({ shape: 'total', unit: 'EUR', winsorUpper: 99, windowEnd: 168 })).toBe(
    'Mean per user of the sum of the numbers (EUR) in their “signup” events. Higher is better. ' +
      'Users without an event count as 0. Events count from the first exposure until 7 days after it. ' +
      'Values above the 99th percentile are brought down to it.',
  );
});

test('a percentile leaves out who has no event', () => {
  expect(said({ shape: 'average', unit: 'ms', percentile: 95, higherIsBetter: false })).toMatch(
    /^95th percentile per user .* Lower is better\. Users without an event are left out\.$/,
  );
});

test('a ratio', () => {
  expect(said({ shape: 'ratio', unit: 'EUR', bottomEventKey: 'order' })).toMatch(
    /^The sum of the numbers \(EUR\) in “signup” events, divided by the number of “order” events, over all users\./,
  );
});

test('nothing is named yet', () => {
  expect(said({ shape: 'total', eventKey: '' })).toMatch(/^Mean per user of the sum of the numbers in their events\./);
});

test('pages in words', () => {
  const pages: Draft['pages'] = [
    { id: 1, kind: 'substring', text: '/thanks' },
    { id: 2, kind: 'exact', text: 'https://a.example/' },
  ];
  expect(said({ shape: 'pageview', pages })).toBe(
    'Share of users who visit pages whose address contains “/thanks”, or https://a.example/. Higher is better.',
  );
});

test('several of a kind', () => {
  expect(['user', 'company', 'bus', 'key', 'box'].map(plural)).toEqual([
    'users',
    'companies',
    'buses',
    'keys',
    'boxes',
  ]);
});
