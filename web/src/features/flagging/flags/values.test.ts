import { describe, expect, it } from 'vitest';
import { canonical, kindOf, labelOf, problemsOf, shown, textOf, typed } from './values';

describe('values of variations', () => {
  it('are of the kind that SDK methods read', () => {
    const kinds = [true, 'a', 1.5, { a: 1 }, [1], null].map((value) => kindOf([{ value }]));
    expect(kinds).toEqual(['boolean', 'string', 'number', 'json', 'json', 'json']);
  });

  it('are read from what was typed, and back', () => {
    expect(typed('number', '12.5')).toEqual({ value: 12.5 });
    expect(typed('string', '12.5')).toEqual({ value: '12.5' });
    expect(typed('json', '{"a":[1]}')).toEqual({ value: { a: [1] } });
    expect(typed('json', textOf({ a: [1] }))).toEqual({ value: { a: [1] } });
  });

  it('say what is wrong with them', () => {
    expect(problemsOf('number', ['1', '', 'x', '1.0'])).toEqual([
      undefined,
      expect.stringContaining('number is needed'),
      expect.stringContaining('number is needed'),
      'The same value as variation 1',
    ]);
    expect(problemsOf('json', ['{"a":1,"b":2}', '{"b":2,"a":1}', '{', '5'])).toEqual([
      undefined,
      'The same value as variation 1',
      expect.stringContaining('Not valid JSON'),
      expect.stringContaining('This is a number'),
    ]);
  });

  it('have a name in a line', () => {
    expect(labelOf({ value: true, name: 'On' })).toBe('On');
    expect(labelOf({ value: { a: 1 } })).toBe('{"a":1}');
    expect(labelOf(undefined, 3)).toBe('variation 3 (missing)');
    expect(shown('x'.repeat(80))).toHaveLength(60);
    expect([shown(''), shown(undefined), shown(null)]).toEqual(['(empty text)', 'nothing', 'null']);
    expect(canonical({ b: [{ d: 1, c: 2 }], a: 1 })).toBe('{"a":1,"b":[{"c":2,"d":1}]}');
  });
});
