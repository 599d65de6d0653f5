import { describe, expect, it } from 'vitest';
import type { Flag } from '../questions';
import { groupedUses, usesOf } from './uses';

const flag = {
  key: 'checkout',
  variations: [{ value: 'old' }, { value: 'new' }, { value: 'beta' }],
  environments: {
    production: {
      offVariation: 0,
      targets: [{ variation: 1, values: ['ann'] }],
      contextTargets: [{ variation: 2, values: [], contextKind: 'user' }],
      rules: [
        { variation: 1 },
        {
          rollout: {
            variations: [
              { variation: 0, weight: 100_000 },
              { variation: 1, weight: 0 },
            ],
          },
        },
      ],
      fallthrough: { variation: 0 },
    },
  },
} as unknown as Flag;

describe('uses of variations', () => {
  it('are found in every place that serves them', () => {
    const uses = usesOf(flag);
    expect(uses.map((each) => groupedUses(each))).toEqual([
      [{ environmentKey: 'production', places: ['off', 'rule 2', 'default rule'] }],
      [{ environmentKey: 'production', places: ['targets', 'rule 1', 'rule 2'] }],
      [],
    ]);
  });

  it('count what other flags ask of this one', () => {
    const other = {
      key: 'pay',
      environments: {
        test: {
          prerequisites: [
            { key: 'checkout', variation: 2 },
            { key: 'x', variation: 1 },
          ],
        },
      },
    } as unknown as Flag;
    expect(usesOf(flag, [other])[2]).toEqual([{ environmentKey: 'test', place: 'prerequisite of pay' }]);
  });
});
