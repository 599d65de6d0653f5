// Where each variation of a flag is served or asked for.
import type { Flag, FlagConfig } from '../questions';

export interface Use {
  environmentKey: string;
  /** In words: "off", "rule 2", "prerequisite of checkout". */
  place: string;
  /** The flag that asks for it as a prerequisite, where it is another one. */
  neededBy?: string;
}

/** The uses of each variation by its index, in the flag itself and in the flags that depend on it. */
export function usesOf(flag: Flag, dependants: readonly Flag[] = []): Use[][] {
  const uses: Use[][] = flag.variations.map(() => []);
  for (const [environmentKey, config] of Object.entries(flag.environments ?? {})) {
    for (const [index, place] of placesOf(config)) uses[index]?.push({ environmentKey, place });
  }
  for (const other of dependants) {
    for (const [environmentKey, config] of Object.entries(other.environments ?? {})) {
      for (const { key, variation } of config.prerequisites ?? []) {
        if (key === flag.key && variation !== undefined) {
          uses[variation]?.push({ environmentKey, place: `prerequisite of ${other.key}`, neededBy: other.key });
        }
      }
    }
  }
  return uses;
}

/** The same grouped: "rule 1, off" in each environment. */
export function groupedUses(uses: readonly Use[]): { environmentKey: string; places: string[] }[] {
  const groups = new Map<string, string[]>();
  for (const { environmentKey, place } of uses) {
    const places = groups.get(environmentKey) ?? [];
    if (!places.includes(place)) places.push(place);
    groups.set(environmentKey, places);
  }
  return [...groups].map(([environmentKey, places]) => ({ environmentKey, places }));
}

/** Why a variation cannot go: prerequisites elsewhere name variations by their place, which would change after it. */
export function whyKept(flag: Flag, uses: readonly Use[][], index: number): string | undefined {
  const { onVariation, offVariation } = flag.defaults;
  if (flag.variations.length <= 2) return 'A flag has at least two variations.';
  if (uses[index]?.length) return 'This variation is in use. Serve another one there first.';
  if (index === onVariation || index === offVariation) {
    return 'New environments begin with it. Choose another one below first.';
  }
  const needing = uses
    .slice(index + 1)
    .flat()
    .find((each) => each.neededBy)?.neededBy;
  return needing && `${needing} has a later variation of this flag as a prerequisite: change that first.`;
}

function placesOf(config: FlagConfig): [number, string][] {
  const found: [number, string][] = [];
  if (typeof config.offVariation === 'number') found.push([config.offVariation, 'off']);
  for (const target of [...(config.targets ?? []), ...(config.contextTargets ?? [])]) {
    if (target.values.length > 0) found.push([target.variation, 'targets']);
  }
  config.rules?.forEach((rule, place) => {
    for (const index of servedBy(rule)) found.push([index, `rule ${place + 1}`]);
  });
  for (const index of servedBy(config.fallthrough ?? {})) found.push([index, 'default rule']);
  return found;
}

interface Serve {
  variation?: number | null;
  rollout?: {
    variations: { variation: number; weight: number }[];
    experimentAllocation?: { defaultVariation: number } | null;
  } | null;
}

/** The variations that a rule or the fallthrough refers to, also with a share of nothing. */
function servedBy({ variation, rollout }: Serve): number[] {
  if (typeof variation === 'number') return [variation];
  return [...new Set(rollout?.variations.map((share) => share.variation) ?? [])];
}
