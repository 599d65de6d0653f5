import { describe, expect, it } from 'vitest';
import { called, EXAMPLES, RECENT_MAX, readContext, withRecent, written } from './contexts';

describe('contexts to explain', () => {
  it('are read from what was typed', () => {
    for (const { context } of EXAMPLES) expect(readContext(written(context))).toEqual({ context });
    expect(readContext('{"key":""}')).toEqual({ context: { key: '' } });
  });

  it.each([
    ['', 'Type a context'],
    ['{', 'Not valid JSON'],
    ['[]', 'JSON object'],
    ['{"kind":"user"}', 'The user needs a key'],
    ['{"kind":"user","key":1}', 'The user needs a key'],
    ['{"kind":"a b","key":"x"}', 'The kind must be'],
    ['{"kind":"multi"}', 'at least one'],
    ['{"kind":"multi","org":{"key":"a"},"user":{}}', 'The user needs a key'],
    ['{"kind":"multi","org":"acme"}', '“org” must be an object'],
    ['{"kind":"user","key":"a","anonymous":"yes"}', '“anonymous” must be'],
  ])('say what is wrong with %s', (text, problem) => {
    expect(readContext(text)).toEqual({ problem: expect.stringContaining(problem) });
  });

  it('have short names', () => {
    expect(called({ key: 'ann' })).toBe('user ann');
    expect(called({ kind: 'multi', user: { key: 'ann' }, org: { key: 'acme' } })).toBe('org acme and user ann');
  });

  it('are kept, the newest first, each once', () => {
    const one = { kind: 'user', key: '1' };
    const two = { kind: 'user', key: '2' };
    expect(withRecent([one, two], two)).toEqual([two, one]);
    const many = Array.from({ length: 20 }, (_, place) => ({ key: String(place) }));
    expect(withRecent(many, one)).toHaveLength(RECENT_MAX);
  });
});
