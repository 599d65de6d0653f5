import { expect, test } from 'vitest';
import { newId } from './draft';
import { merged, overlaps } from './merging';
import { draft, OFF, ON, rule } from './world';

const base = draft();
const [r1, r2, r3] = base.rules as [ReturnType<typeof rule>, ReturnType<typeof rule>, ReturnType<typeof rule>];

test('what only they changed is theirs, what only I changed is mine', () => {
  const mine = draft({
    fallthrough: { is: 'variation', variationId: ON },
    rules: [r1, { ...r2, description: 'Mine' }, r3],
  });
  const theirs = draft({ on: false, rules: [{ ...r1, description: 'Theirs' }, r2, r3] });
  expect(overlaps(base, mine, theirs)).toEqual([]);
  expect(merged(base, mine, theirs)).toEqual({
    ...draft({ on: false, fallthrough: { is: 'variation', variationId: ON } }),
    rules: [{ ...r1, description: 'Theirs' }, { ...r2, description: 'Mine' }, r3],
  });
});

test('where both changed the same, it is named, and mine is kept', () => {
  const mine = draft({ on: false, rules: [{ ...r1, serve: { is: 'variation', variationId: OFF } }, r2, r3] });
  const theirs = draft({ rules: [r2, r3], offVariationId: ON });
  expect(overlaps(base, mine, theirs)).toEqual(['rule 1']);
  const after = merged(base, mine, theirs);
  expect(after.rules.map(({ serve }) => serve)).toEqual([mine.rules[0]?.serve, r2.serve, r3.serve]);
  expect(after.rules[0]?.id.startsWith('new ')).toBe(true);
  expect([after.on, after.offVariationId]).toEqual([false, ON]);
});

test('rules that both added stay where they were put, and so does my order', () => {
  const mine = draft({ rules: [r3, rule(newId(), { description: 'mine' }), r1, r2] });
  const theirs = draft({ rules: [r1, rule('r9', { description: 'theirs' }), r2, r3] });
  expect(merged(base, mine, theirs).rules.map((each) => each.description || each.id)).toEqual([
    'r3',
    'mine',
    'r1',
    'theirs',
    'r2',
  ]);
});

test('targets come and go key by key; whom I moved stays where I put them', () => {
  const mine = draft({ targets: [{ contextKind: 'user', variationId: ON, keys: ['bob', 'eve'] }] });
  const theirs = draft({
    targets: [
      { contextKind: 'user', variationId: ON, keys: ['ada', 'bob', 'cy'] },
      { contextKind: 'user', variationId: OFF, keys: ['eve'] },
      { contextKind: 'company', variationId: OFF, keys: ['acme', 'zeta'] },
    ],
  });
  expect(merged(base, mine, theirs).targets).toEqual([
    { contextKind: 'user', variationId: ON, keys: ['bob', 'cy', 'eve'] },
    { contextKind: 'company', variationId: OFF, keys: ['zeta'] },
  ]);
});

test('a prerequisite that I removed is gone, one that they added is there', () => {
  const mine = draft({ prerequisites: [] });
  const theirs = draft({ prerequisites: [...base.prerequisites, { key: 'search', variation: 1 }] });
  expect(merged(base, mine, theirs).prerequisites).toEqual([{ key: 'search', variation: 1 }]);
});
