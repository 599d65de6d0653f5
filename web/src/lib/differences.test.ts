import { expect, test } from 'vitest';
import { differences } from './differences';

test('equal documents do not differ', () => {
  expect(differences({ a: [1, { b: 2 }] }, { a: [1, { b: 2 }] })).toEqual([]);
});

test('a changed member is named by its path, with what was and what is', () => {
  const before = { on: false, rules: [{ weight: 10 }], gone: 1 };
  const after = { on: true, rules: [{ weight: 20 }], added: 'x' };
  expect(differences(before, after)).toEqual([
    { path: 'added', before: undefined, after: 'x' },
    { path: 'gone', before: 1, after: undefined },
    { path: 'on', before: false, after: true },
    { path: 'rules[0].weight', before: 10, after: 20 },
  ]);
});

test('lists of different length are shown whole', () => {
  expect(differences({ tags: ['a'] }, { tags: ['a', 'b'] })).toEqual([
    { path: 'tags', before: ['a'], after: ['a', 'b'] },
  ]);
});
