import { expect, test } from 'vitest';
import { asMeant, asTyped, converted, typeOf, valueProblem } from './values';

test.each([
  ['in', [], 'text'],
  ['in', ['a', '1'], 'text'],
  ['in', [1, 2.5], 'number'],
  ['in', [true], 'truth'],
  ['in', ['a', 1], 'json'],
  ['lessThan', [], 'number'],
  ['contains', [], 'text'],
  ['before', [1_700_000_000_000], 'number'],
] as const)('%s of %j takes %s', (op, values, type) => expect(typeOf(op, values)).toBe(type));

test('a value comes back from being typed as what it was', () => {
  for (const value of ['text', ' spaced ', '12', 12, -0.5, true, false, null, { a: [1] }]) {
    const type = typeof value === 'string' ? 'text' : typeof value === 'number' ? 'number' : 'json';
    expect(asMeant(asTyped(value), type)).toEqual(value);
  }
});

test('what cannot be a number or a truth stays text, to be told of', () => {
  expect(converted(['12', 'many', 'true'], 'number')).toEqual([12, 'many', 'true']);
  expect(converted(['12', 'many', 'true'], 'truth')).toEqual(['12', 'many', true]);
  expect(valueProblem('greaterThan', 'many')).toBe('many is not a number');
});

test.each([
  ['semVerEqual', '2.1.0', true],
  ['semVerEqual', '2', true],
  ['semVerEqual', '2.1.0-rc.1+build', true],
  ['semVerLessThan', 'v2', false],
  ['before', '2026-01-31T00:00:00Z', true],
  ['before', '2026-01-31T00:00:00+02:00', true],
  ['after', '2026-13-31T00:00:00Z', false],
  ['after', 1_700_000_000_000, true],
  ['matches', '^a+$', true],
  ['startsWith', 4, false],
  ['in', null, true],
])('%s %j can be compared: %s', (op, value, isGood) => expect(valueProblem(op, value) === undefined).toBe(isGood));
