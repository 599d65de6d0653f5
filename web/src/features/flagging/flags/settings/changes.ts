// What somebody has changed in a flag's settings, as instructions: only what differs, each guarded by its own action.
import type { Instruction } from '../acts';
import type { Flag } from '../questions';

export interface Settings {
  name: string;
  description: string;
  tags: string[];
  temporary: boolean;
  usingEnvironmentId: boolean;
  usingMobileKey: boolean;
  /** Empty: nobody. */
  maintainerId: string;
}

export function settingsOf(flag: Flag): Settings {
  return {
    name: flag.name,
    description: flag.description ?? '',
    tags: flag.tags,
    temporary: flag.temporary,
    usingEnvironmentId: flag.clientSideAvailability.usingEnvironmentId ?? false,
    usingMobileKey: flag.clientSideAvailability.usingMobileKey ?? false,
    maintainerId: flag.maintainerId ?? '',
  };
}

/** The instructions that lead from one state of the settings to another. */
export function instructionsFor(before: Settings, after: Settings): Instruction[] {
  const added = after.tags.filter((tag) => !before.tags.includes(tag));
  const removed = before.tags.filter((tag) => !after.tags.includes(tag));
  const reaches = (['usingEnvironmentId', 'usingMobileKey'] as const).filter((each) => before[each] !== after[each]);
  return [
    before.name !== after.name && { kind: 'updateName', value: after.name.trim() },
    before.description !== after.description && { kind: 'updateDescription', value: after.description },
    removed.length > 0 && { kind: 'removeTags', values: removed },
    added.length > 0 && { kind: 'addTags', values: added },
    before.temporary !== after.temporary && { kind: after.temporary ? 'makeFlagTemporary' : 'makeFlagPermanent' },
    before.maintainerId !== after.maintainerId &&
      (after.maintainerId
        ? { kind: 'updateMaintainerMember', value: after.maintainerId }
        : { kind: 'removeMaintainer' }),
    ...reaches.map((value) => ({
      kind: after[value] ? 'turnOnClientSideAvailability' : 'turnOffClientSideAvailability',
      value,
    })),
  ].filter((each): each is Instruction => Boolean(each));
}
