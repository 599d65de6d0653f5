import { describe, expect, it } from 'vitest';
import type { Flag } from '../questions';
import { groupedUses, usesOf, whyKept } from './uses';

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
    expect(usesOf(flag, [other])[2]).toEqual([
      { environmentKey: 'test', place: 'prerequisite of pay', neededBy: 'pay' },
    ]);
  });

  it('say why a variation stays', () => {
    const spare = { ...flag, defaults: { onVariation: 0, offVariation: 0 } } as Flag;
    const needing = { key: 'pay', environments: { test: { prerequisites: [{ key: 'checkout', variation: 2 }] } } };
    const uses = usesOf(spare, [needing as unknown as Flag]);
    expect(whyKept(spare, usesOf(spare), 2)).toBeUndefined();
    expect(whyKept(spare, uses, 2)).toContain('in use');
    expect(whyKept(spare, [[], [], uses[2] ?? []], 1)).toContain('pay has a later variation');
    expect(whyKept(spare, [[], [], []], 0)).toContain('New environments');
    expect(whyKept({ ...spare, variations: spare.variations.slice(1) }, [[], []], 0)).toContain('at least two');
  });
});
