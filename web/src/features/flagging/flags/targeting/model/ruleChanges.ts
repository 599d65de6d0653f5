// What turns one list of rules into another, rule by rule and clause by clause.
import type { Change, Instruction, Names } from './changes';
import { type Clause, isNew, type Rule, type Serve, same } from './draft';
import { ruleName, ruleSentence, served, text, valueText } from './sentences';

/** Removals first, then the order of what stays, then what is new in its place, then what each rule says. */
export function ruleChanges(before: Rule[], after: Rule[], names: Names): Change[] {
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

/** What a rule or the default rule serves, as instructions name it. */
export function serving(serve: Serve): Record<string, unknown> {
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
