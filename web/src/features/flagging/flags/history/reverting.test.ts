import { describe, expect, it } from 'vitest';
import { patchBetween, stateBefore, stateNow } from './reverting';

const now = {
  name: 'Checkout',
  tags: ['a', 'b'],
  archived: false,
  environments: {
    production: { on: true, rules: [{ _id: 'r' }], offVariation: 1, salt: 's', version: 9 },
    test: { on: true, rules: [], offVariation: 1 },
    staging: { on: false, rules: [] },
  },
};

describe('going back', () => {
  const changes = [
    { previousVersion: { name: 'Checkout', tags: ['a', 'b'], environments: { test: { on: false, rules: [] } } } },
    { previousVersion: { name: 'Checkout', tags: ['a', 'b'], environments: { production: { on: true, rules: [] } } } },
    { previousVersion: { name: 'Old name', tags: ['a'], maintainerId: 'm', environments: {} } },
  ];

  it('finds the state before the oldest change: an environment as it was before its first change since', () => {
    const then = stateBefore(changes);
    expect(then).toEqual({
      name: 'Old name',
      tags: ['a'],
      maintainerId: 'm',
      environments: { test: { on: false, rules: [] }, production: { on: true, rules: [] } },
    });
    expect(Object.keys(stateNow(now, then).environments as object)).toEqual(['test', 'production']);
  });

  it('becomes one patch that tests the version first and touches only what differs', () => {
    const then = stateBefore(changes);
    expect(patchBetween(stateNow(now, then), then, 7)).toEqual([
      { op: 'test', path: '/_version', value: 7 },
      { op: 'replace', path: '/name', value: 'Old name' },
      { op: 'replace', path: '/tags', value: ['a'] },
      { op: 'add', path: '/maintainerId', value: 'm' },
      { op: 'remove', path: '/archived' },
      { op: 'replace', path: '/environments/test/on', value: false },
      { op: 'remove', path: '/environments/test/offVariation' },
      { op: 'replace', path: '/environments/production/rules', value: [] },
      { op: 'remove', path: '/environments/production/offVariation' },
    ]);
  });

  it('is nothing where nothing differs', () => {
    const same = stateNow(now, { environments: { test: {} } });
    expect(patchBetween(same, structuredClone(same), 7)).toEqual([]);
  });
});
