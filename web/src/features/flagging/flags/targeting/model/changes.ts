// What turns one state of a flag into another: instructions of semantic patch, each with the action it needs and words.
import { type Draft, type Prerequisite, type Serve, same } from './draft';
import { ruleChanges, serving } from './ruleChanges';
import { type NameOf, served } from './sentences';

export interface Instruction {
  kind: string;
  [parameter: string]: unknown;
}

export interface Change {
  instruction: Instruction;
  /** What the policy must allow. */
  action: string;
  words: string;
}

export interface Names {
  variation: NameOf;
  /** The id of another flag's variation by its place. */
  prerequisiteVariationId: (prerequisite: Prerequisite) => string;
  prerequisiteVariation: (prerequisite: Prerequisite) => string;
}

/** The changes from one draft to another, in an order in which each can be carried out. */
export function changesBetween(before: Draft, after: Draft, names: Names): Change[] {
  return [
    ...switched(before, after),
    ...prerequisiteChanges(before.prerequisites, after.prerequisites, names),
    ...targetChanges(before, after, names),
    ...ruleChanges(before.rules, after.rules, names),
    ...fallthroughChange(before.fallthrough, after.fallthrough, names),
    ...offVariationChange(before, after, names),
  ];
}

function switched(before: Draft, after: Draft): Change[] {
  if (before.on === after.on) return [];
  const kind = after.on ? 'turnFlagOn' : 'turnFlagOff';
  return [{ instruction: { kind }, action: 'updateOn', words: after.on ? 'Turn targeting on' : 'Turn targeting off' }];
}

function prerequisiteChanges(before: Prerequisite[], after: Prerequisite[], names: Names): Change[] {
  const action = 'updatePrerequisites';
  const removed = before.filter((each) => !after.some(({ key }) => key === each.key));
  const changes: Change[] = removed.map(({ key }) => ({
    instruction: { kind: 'removePrerequisite', key },
    action,
    words: `No longer require flag ${key}`,
  }));
  for (const each of after) {
    const old = before.find(({ key }) => key === each.key);
    if (old && old.variation === each.variation) continue;
    const kind = old ? 'updatePrerequisite' : 'addPrerequisite';
    const words = `Require flag ${each.key} to serve ${names.prerequisiteVariation(each)}`;
    const variationId = names.prerequisiteVariationId(each);
    changes.push({ instruction: { kind, key: each.key, variationId }, action, words });
  }
  return changes;
}

function targetChanges(before: Draft, after: Draft, names: Names): Change[] {
  if (before.targets === after.targets) return [];
  const lists = new Map<string, { contextKind: string; variationId: string }>();
  for (const { contextKind, variationId } of [...before.targets, ...after.targets])
    lists.set(`${contextKind} ${variationId}`, { contextKind, variationId });
  const removals: Change[] = [];
  const additions: Change[] = [];
  for (const { contextKind, variationId } of lists.values()) {
    const old = keysOf(before, contextKind, variationId);
    const now = keysOf(after, contextKind, variationId);
    const values = missingFrom(old, now);
    const gone = missingFrom(now, old);
    const served = names.variation(variationId);
    if (gone.length > 0) removals.push(targetChange('removeTargets', gone, contextKind, variationId, served));
    if (values.length > 0) additions.push(targetChange('addTargets', values, contextKind, variationId, served));
  }
  // A key that moves leaves its old list first: none may be in two.
  return [...removals, ...additions];
}

function targetChange(
  kind: 'addTargets' | 'removeTargets',
  values: string[],
  contextKind: string,
  variationId: string,
  served: string,
): Change {
  const listed =
    values.length > 4 ? `${values.slice(0, 4).join(', ')} and ${values.length - 4} more` : values.join(', ');
  const words =
    kind === 'addTargets'
      ? `Serve “${served}” to ${contextKind} ${listed}`
      : `No longer serve “${served}” to ${contextKind} ${listed} by name`;
  return { instruction: { kind, contextKind, variationId, values }, action: 'updateTargets', words };
}

function missingFrom(some: string[], all: string[]): string[] {
  if (some === all) return [];
  const known = new Set(some);
  return all.filter((key) => !known.has(key));
}

function keysOf(draft: Draft, contextKind: string, variationId: string): string[] {
  return draft.targets
    .filter((each) => each.contextKind === contextKind && each.variationId === variationId)
    .flatMap((each) => each.keys);
}

function fallthroughChange(before: Serve, after: Serve, names: Names): Change[] {
  if (same(before, after)) return [];
  const words = `By default, serve ${served(after, names.variation)} instead of ${served(before, names.variation)}`;
  const instruction = { kind: 'updateFallthroughVariationOrRollout', ...serving(after) };
  return [{ instruction, action: 'updateFallthrough', words }];
}

function offVariationChange(before: Draft, after: Draft, names: Names): Change[] {
  const variationId = after.offVariationId;
  if (before.offVariationId === variationId || !variationId) return [];
  const words = `While targeting is off, serve ${names.variation(variationId)}`;
  return [{ instruction: { kind: 'updateOffVariation', variationId }, action: 'updateOffVariation', words }];
}
