import { describe, expect, it } from 'vitest';
import type { Flag } from '../questions';
import { instructionsFor, settingsOf } from './changes';

const before = settingsOf({
  name: 'Checkout',
  description: '',
  tags: ['a', 'b'],
  temporary: true,
  clientSideAvailability: { usingMobileKey: true },
} as unknown as Flag);

describe('changed settings', () => {
  it('are no instruction where nothing differs', () => {
    expect(instructionsFor(before, { ...before, tags: [...before.tags] })).toEqual([]);
  });

  it('are one instruction for each difference', () => {
    const after = {
      name: 'New checkout ',
      description: 'One page',
      tags: ['b', 'c'],
      temporary: false,
      usingEnvironmentId: true,
      usingMobileKey: false,
      maintainerId: 'm1',
    };
    expect(instructionsFor(before, after)).toEqual([
      { kind: 'updateName', value: 'New checkout' },
      { kind: 'updateDescription', value: 'One page' },
      { kind: 'removeTags', values: ['a'] },
      { kind: 'addTags', values: ['c'] },
      { kind: 'makeFlagPermanent' },
      { kind: 'updateMaintainerMember', value: 'm1' },
      { kind: 'turnOnClientSideAvailability', value: 'usingEnvironmentId' },
      { kind: 'turnOffClientSideAvailability', value: 'usingMobileKey' },
    ]);
    expect(instructionsFor(after, { ...after, maintainerId: '' })).toEqual([{ kind: 'removeMaintainer' }]);
  });
});
