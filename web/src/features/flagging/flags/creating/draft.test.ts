import { describe, expect, it } from 'vitest';
import { draftOf, isReady, keyProblem, newVariation, postOf, withKind } from './draft';

describe('a new flag', () => {
  it('is ready once it has a name, a key and different values', () => {
    const boolean = draftOf('boolean');
    expect(isReady(boolean)).toBe(false);
    expect(isReady({ ...boolean, name: 'Checkout', key: 'checkout' })).toBe(true);
    expect(isReady({ ...boolean, name: 'Checkout', key: '-no' })).toBe(false);
    const text = { ...withKind(boolean, 'string'), name: 'T', key: 't' };
    expect(isReady(text)).toBe(false);
    const two = { ...text, variations: [newVariation('a'), newVariation('b')] };
    expect(isReady(two)).toBe(true);
    expect(isReady({ ...two, variations: two.variations.slice(1) })).toBe(false);
  });

  it('is sent with typed values', () => {
    const draft = { ...draftOf('number'), name: ' Limit ', key: 'limit', clients: ['usingEnvironmentId'] };
    draft.variations = [newVariation('10'), { ...newVariation('0.5'), name: 'Half' }];
    expect(postOf(draft)).toEqual({
      name: 'Limit',
      key: 'limit',
      variations: [{ value: 10 }, { value: 0.5, name: 'Half' }],
      defaults: { onVariation: 0, offVariation: 1 },
      clientSideAvailability: { usingEnvironmentId: true, usingMobileKey: false },
      tags: [],
      temporary: true,
    });
  });

  it('has a key as the API takes it', () => {
    expect(['a', '9.x_-', 'A'].map(keyProblem)).toEqual([undefined, undefined, undefined]);
    expect(['', '.a', 'a b', 'é'].every((key) => keyProblem(key))).toBe(true);
  });
});
