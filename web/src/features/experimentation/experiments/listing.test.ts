import { describe, expect, it } from 'vitest';
import { type Brief, choices, matching, sorted, tally } from './listing';

function brief(key: string, more: Partial<Brief> = {}): Brief {
  const plain = { name: key.toUpperCase(), type: 'experiment', status: 'running', archived: false, tags: [] } as const;
  const rest = {
    methodology: 'bayesian',
    createdAt: 1,
    flagKey: 'button',
    metricKeys: ['sold'],
    iterations: 1,
  } as const;
  return { key, ...plain, ...rest, tags: [], metricKeys: ['sold'], ...more };
}

const ALL = [
  brief('a', { startedAt: 30, tags: ['spring'] }),
  brief('b', { status: 'not_started', flagKey: 'price', metricKeys: ['sold', 'left'] }),
  brief('c', { status: 'stopped', startedAt: 10, methodology: 'frequentist' }),
  brief('d', { status: 'stopped', archived: true }),
];
const keys = (found: Brief[]) => found.map((each) => each.key).join('');

describe('a list of experiments', () => {
  it('leaves out what is archived until it is asked for', () => {
    expect(keys(matching(ALL, {}))).toBe('abc');
    expect(keys(matching(ALL, { state: 'archived' }))).toBe('d');
    expect(keys(matching(ALL, { state: 'stopped' }))).toBe('c');
  });

  it('is searched in names, keys, flags, metrics and tags', () => {
    expect(keys(matching(ALL, { q: 'PRICE' }))).toBe('b');
    expect(keys(matching(ALL, { q: 'spring' }))).toBe('a');
    expect(keys(matching(ALL, { q: 'nothing' }))).toBe('');
  });

  it('is filtered by flag, metric and method together', () => {
    expect(keys(matching(ALL, { metric: 'sold', flag: 'button' }))).toBe('ac');
    expect(keys(matching(ALL, { metric: 'left' }))).toBe('b');
    expect(keys(matching(ALL, { method: 'frequentist' }))).toBe('c');
  });

  it('is ordered either way, running ones first unless told otherwise', () => {
    expect(keys(sorted([...ALL].reverse()))).toBe('abcd');
    expect(keys(sorted(ALL, '-name'))).toBe('dcba');
    expect(keys(sorted(ALL, '-started'))).toBe('acbd');
    expect(keys(sorted(ALL, 'unknown'))).toBe('abcd');
  });

  it('says how many there are of each, and what to filter by', () => {
    expect(tally(ALL)).toEqual({ running: 1, not_started: 1, stopped: 1, archived: 1 });
    expect(choices(ALL)).toEqual({ flags: ['button', 'price'], metrics: ['left', 'sold'] });
  });
});
