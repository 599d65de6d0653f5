// What turns one state of a flag into another: instructions of semantic patch, each with the action it needs and words.
import { type Clause, type Draft, isNew, type Prerequisite, type Rule, type Serve, same } from './draft';
import { type NameOf, ruleName, ruleSentence, served, text, valueText } from './sentences';

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

function ruleChanges(before: Rule[], after: Rule[], names: Names): Change[] {
  const action = 'updateRules';
  const changes: Change[] = [];
  const kept = before.filter((rule) => after.some(({ id }) => id === rule.id));
  for (const [place, rule] of before.entries()) {
    if (kept.includes(rule)) continue;
    const words = `Remove ${ruleName(rule, place)}: ${text(ruleSentence(rule, names.variation))}`;
    changes.push({ instruction: { kind: 'removeRule', ruleId: rule.id }, action, words });
  }
  const ruleIds = after.filter((rule) => !isNew(rule.id)).map((rule) => rule.id);
  if (
    !same(
      ruleIds,
      kept.map((rule) => rule.id),
    )
  ) {
    const order = after
      .filter((rule) => !isNew(rule.id))
      .map((rule) =>
        ruleName(
          rule,
          before.findIndex(({ id }) => id === rule.id),
        ),
      );
    changes.push({
      instruction: { kind: 'reorderRules', ruleIds },
      action,
      words: `Change the order of rules: ${order.join(', ')}`,
    });
  }
  for (const [place, rule] of after.entries()) {
    const old = before.find(({ id }) => id === rule.id);
    changes.push(...(old ? editedRule(old, rule, place, names) : [addedRule(rule, after.slice(place + 1), names)]));
  }
  return changes;
}

function addedRule(rule: Rule, following: Rule[], names: Names): Change {
  const next = following.find((each) => !isNew(each.id));
  const instruction: Instruction = {
    kind: 'addRule',
    clauses: rule.clauses.map(withoutId),
    ...serving(rule.serve),
    ...(rule.description ? { description: rule.description } : {}),
    ...(next ? { beforeRuleId: next.id } : {}),
  };
  const name = rule.description ? ` “${rule.description}”` : '';
  return {
    instruction,
    action: 'updateRules',
    words: `Add a rule${name}: ${text(ruleSentence(rule, names.variation))}`,
  };
}

function editedRule(before: Rule, after: Rule, place: number, names: Names): Change[] {
  const changes: Change[] = [];
  const ruleId = after.id;
  const name = ruleName(before, place);
  if (before.description !== after.description) {
    const words = after.description ? `Call ${name} “${after.description}”` : `Remove the description of ${name}`;
    const instruction = { kind: 'updateRuleDescription', ruleId, description: after.description };
    changes.push({ instruction, action: 'updateFlagRuleDescription', words });
  }
  changes.push(...clauseChanges(before, after, name));
  if (!same(before.serve, after.serve)) {
    const words = `In ${name}, serve ${served(after.serve, names.variation)} instead of ${served(before.serve, names.variation)}`;
    const instruction = { kind: 'updateRuleVariationOrRollout', ruleId, ...serving(after.serve) };
    changes.push({ instruction, action: 'updateRules', words });
  }
  return changes;
}

function clauseChanges(before: Rule, after: Rule, name: string): Change[] {
  const action = 'updateRules';
  const ruleId = after.id;
  const changes: Change[] = [];
  const gone = before.clauses.filter((clause) => !after.clauses.some(({ id }) => id === clause.id));
  const added = after.clauses.filter((clause) => !before.clauses.some(({ id }) => id === clause.id));
  for (const clause of after.clauses) {
    const old = before.clauses.find(({ id }) => id === clause.id);
    if (old) changes.push(...editedClause(old, clause, ruleId, name));
  }
  if (added.length > 0) {
    const instruction = { kind: 'addClauses', ruleId, clauses: added.map(withoutId) };
    changes.push({ instruction, action, words: `In ${name}, also ask that ${sentenceOf(added)}` });
  }
  if (gone.length > 0) {
    const instruction = { kind: 'removeClauses', ruleId, clauseIds: gone.map(({ id }) => id) };
    changes.push({ instruction, action, words: `In ${name}, no longer ask that ${sentenceOf(gone)}` });
  }
  return changes;
}

/** Where only values come and go, they are added and removed, so that others may do the same meanwhile. */
function editedClause(before: Clause, after: Clause, ruleId: string, name: string): Change[] {
  if (same(before, after)) return [];
  const action = 'updateRules';
  const clauseId = after.id;
  if (!same({ ...before, values: [] }, { ...after, values: [] })) {
    const instruction = { kind: 'updateClause', ruleId, clauseId, clause: withoutId(after) };
    const words = `In ${name}, ask that ${sentenceOf([after])} instead of ${sentenceOf([before])}`;
    return [{ instruction, action, words }];
  }
  const has = (values: unknown[], value: unknown) => values.some((each) => same(each, value));
  const added = after.values.filter((value) => !has(before.values, value));
  const gone = before.values.filter((value) => !has(after.values, value));
  const changes: Change[] = [];
  const of = `in “${sentenceOf([{ ...before, values: [] }]).replace(' (no value)', '')}” of ${name}`;
  if (added.length > 0) {
    const instruction = { kind: 'addValuesToClause', ruleId, clauseId, values: added };
    changes.push({ instruction, action, words: `Add ${added.map(valueText).join(', ')} ${of}` });
  }
  if (gone.length > 0) {
    const instruction = { kind: 'removeValuesFromClause', ruleId, clauseId, values: gone };
    changes.push({ instruction, action, words: `Remove ${gone.map(valueText).join(', ')} ${of}` });
  }
  return changes;
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

function serving(serve: Serve): Record<string, unknown> {
  if (serve.is === 'variation') return { variationId: serve.variationId };
  if (serve.is === 'experiment') return {};
  const { weights, contextKind, bucketBy } = serve.rollout;
  return {
    rolloutWeights: weights,
    rolloutContextKind: contextKind,
    ...(bucketBy ? { rolloutBucketBy: bucketBy } : {}),
  };
}

/** A clause as the API takes it; one about segments names no attribute. */
function withoutId({ contextKind, attribute, op, values, negate }: Clause) {
  return op === 'segmentMatch' ? { attribute: '', op, values, negate } : { contextKind, attribute, op, values, negate };
}

function sentenceOf(clauses: Clause[]): string {
  const rule: Rule = { id: '', description: '', clauses, serve: { is: 'variation', variationId: '' } };
  return text(ruleSentence(rule, () => '')).slice('If '.length, -', serve '.length);
}
