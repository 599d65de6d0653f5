import { expect, test } from 'vitest';
import type { Clause } from './draft';
import { warningsOf } from './warnings';
import { clause, draft, OFF, ON, rule } from './world';

const known = { variationIds: [ON, OFF], flagKey: 'checkout' };
const everybody = clause({ attribute: 'key', op: 'startsWith', values: [''] });
const country = (values: string[], more: Partial<Clause> = {}) =>
  clause({ attribute: 'country', op: 'in', values, ...more });

const REACH: [story: string, first: Clause[], second: Clause[], isReached: boolean][] = [
  ['the same condition again', [country(['IT'])], [country(['IT'])], false],
  ['a narrower list', [country(['IT', 'FR'])], [country(['IT'])], false],
  ['a wider list', [country(['IT'])], [country(['IT', 'FR'])], true],
  ['one condition more', [country(['IT'])], [country(['IT']), clause()], false],
  ['one condition fewer', [country(['IT']), clause()], [country(['IT'])], true],
  ['after everybody', [everybody], [clause()], false],
  ['after everybody of another kind', [everybody], [clause({ contextKind: 'company' })], true],
  ['not of more', [country(['IT'], { negate: true })], [country(['IT', 'FR'], { negate: true })], false],
  ['not of fewer', [country(['IT', 'FR'], { negate: true })], [country(['IT'], { negate: true })], true],
  ['another kind', [country(['IT'])], [country(['IT'], { contextKind: 'company' })], true],
];

test.each(REACH)('whether a rule is reached: %s', (_story, first, second, isReached) => {
  const rules = [rule('r1', { clauses: first }), rule('r2', { clauses: second })];
  const said = warningsOf(draft({ rules }), known).filter(({ words }) => words.includes('never reached'));
  expect(said.map(({ at }) => at)).toEqual(isReached ? [] : ['r2']);
});

test('a disabled rule hides nobody', () => {
  const rules = [rule('r1', { isDisabled: true }), rule('r2')];
  expect(warningsOf(draft({ rules }), known).map(({ at }) => at)).toEqual(['r1']);
});

test('a condition without values is a doubt; one without attribute cannot be saved', () => {
  const rules = [
    rule('r1', { clauses: [clause({ values: [] })] }),
    rule('r2', { clauses: [clause({ attribute: ' ' })] }),
  ];
  expect(warningsOf(draft({ rules }), known).map(({ at, isFault }) => [at, isFault])).toEqual([
    ['r1', false],
    ['r2', true],
  ]);
});

test.each([
  ['lessThan', 'ten', 'ten is not a number'],
  ['semVerEqual', 'v1', 'v1 is not a version'],
  ['before', 'yesterday', 'yesterday is not a date'],
  ['matches', '(', 'cannot be read as a pattern'],
])('a value that cannot be compared is told: %s %s', (op, value, words) => {
  const rules = [rule('r1', { clauses: [clause({ op, values: [value] })] })];
  expect(warningsOf(draft({ rules }), known)[0]?.words).toContain(words);
});

test('shares that are not all of the traffic cannot be saved', () => {
  const rollout = { weights: { [ON]: 50_000, [OFF]: 40_000 }, contextKind: 'user', bucketBy: '' };
  const [said] = warningsOf(draft({ rules: [], fallthrough: { is: 'rollout', rollout } }), known);
  expect(said).toEqual({
    at: 'fallthrough',
    words: 'The shares add up to 90%; they must add up to 100%.',
    isFault: true,
  });
});

test('variations that are gone, keys in two places and a flag that waits for itself are told', () => {
  const broken = draft({
    rules: [],
    offVariationId: 'v-gone',
    targets: [
      { contextKind: 'user', variationId: ON, keys: ['ada'] },
      { contextKind: 'user', variationId: OFF, keys: ['ada'] },
    ],
    prerequisites: [{ key: 'checkout', variation: 0 }],
  });
  expect(warningsOf(broken, known).map(({ at, isFault }) => [at, isFault])).toEqual([
    ['prerequisites', true],
    ['targets', true],
    ['off', true],
  ]);
});
