import { expect, test } from 'vitest';
import { ruleSentence, served, text } from './sentences';
import { clause, nameOf, OFF, ON, rule } from './world';

const SENTENCES: [ReturnType<typeof clause>[], string][] = [
  [
    [clause(), clause({ attribute: 'country', op: 'in', values: ['IT', 'FR'] })],
    'If user email ends with “@corp.com” and country is one of “IT”, “FR”, serve on',
  ],
  [[clause({ op: 'in', values: ['a@x.com'] })], 'If user email is “a@x.com”, serve on'],
  [
    [
      clause({ negate: true, values: ['.com', '.org'] }),
      clause({ contextKind: 'company', attribute: 'size', op: 'greaterThan', values: [50] }),
    ],
    'If user email does not end with “.com” or “.org” and company size is greater than 50, serve on',
  ],
  [
    [clause({ op: 'segmentMatch', values: ['beta'], negate: true })],
    'If the context is not in segment “beta”, serve on',
  ],
  [[clause({ attribute: '', values: [] })], 'If user (no attribute) ends with (no value), serve on'],
  [
    [clause({ attribute: 'n', op: 'in', values: [1, 2, 3, 4, 5, 6, 7, true] })],
    'If user n is one of 1, 2, 3, 4, 5, 6 and 2 more, serve on',
  ],
  [[], 'If nothing is asked, serve on'],
];

test.each(SENTENCES)('a rule reads as a sentence (%#)', (clauses, sentence) => {
  expect(text(ruleSentence(rule('r', { clauses }), nameOf))).toBe(sentence);
});

test('a rollout reads as its shares; those who get nothing are not named', () => {
  const rollout = { weights: { [ON]: 10_000, [OFF]: 90_000, 'v-blue': 0 }, contextKind: 'user', bucketBy: '' };
  expect(served({ is: 'rollout', rollout }, nameOf)).toBe('10% on, 90% off');
});
