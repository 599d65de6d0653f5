import { expect, test } from 'vitest';
import { filtersOf, isFiltered, questionOf } from './filters';

test('the address bar may say anything', () => {
  const nothing = filtersOf({ what: 'nonsense', from: 'yesterday', to: 7, who: '', project: {}, q: '' });
  expect(isFiltered(nothing)).toBe(false);
  expect(questionOf(nothing)).toEqual({});
  expect(filtersOf({ q: 42 }).q).toBe('42');
});

test('a kind is looked for in one project or in all of them', () => {
  expect(questionOf({ what: 'flag' }).spec).toEqual(['proj/*:env/*:flag/*']);
  expect(questionOf({ what: 'flag', project: 'web' }).spec).toEqual(['proj/web:env/*:flag/*']);
  expect(questionOf({ what: 'token', project: 'web' }).spec).toEqual(['member/*:token/*', 'service-token/*']);
});

test('a project alone means all that is in it', () => {
  expect(questionOf({ project: 'web' }).spec).toContain('proj/web');
  expect(questionOf({ project: 'web' }).spec).toContain('proj/web:env/*:experiment/*');
});

test('days are whole, the last one too, also across a month', () => {
  const { after = 0, before = 0 } = questionOf({ from: '2026-11-30', to: '2026-11-30' });
  expect(new Date(after).toString()).toContain('Nov 30 2026 00:00:00');
  expect(new Date(before).toString()).toContain('Dec 01 2026 00:00:00');
});
