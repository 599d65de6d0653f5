// What is wrong with a draft: faults that the server would refuse, and doubts that deserve a look.
import type { Clause, Draft, Rule, Serve } from './draft';
import { ruleName } from './sentences';
import { valueProblem } from './values';
import { totalOf, WHOLE, weightText } from './weights';

export interface Warning {
  /** The id of a rule, `fallthrough`, `targets`, `prerequisites` or `off`. */
  at: string;
  words: string;
  /** The server would refuse it: it must be put right before saving. */
  isFault: boolean;
}

interface Known {
  variationIds: readonly string[];
  flagKey: string;
}

/** Everything to be said about a draft. */
export function warningsOf(draft: Draft, known: Known): Warning[] {
  return [
    ...prerequisiteWarnings(draft, known),
    ...targetWarnings(draft, known),
    ...draft.rules.flatMap((rule, place) => ruleWarnings(rule, draft.rules.slice(0, place), known)),
    ...serveWarnings(draft.fallthrough, 'fallthrough', known),
    ...(draft.offVariationId && !known.variationIds.includes(draft.offVariationId)
      ? [fault('off', 'This variation no longer exists: choose another one.')]
      : []),
  ];
}

function ruleWarnings(rule: Rule, earlier: Rule[], known: Known): Warning[] {
  const found: Warning[] = [];
  if (rule.clauses.length === 0)
    found.push(fault(rule.id, 'This rule asks nothing: add a condition, or use the default rule.'));
  for (const clause of rule.clauses) found.push(...clauseWarnings(clause, rule.id));
  found.push(...serveWarnings(rule.serve, rule.id, known));
  if (rule.isDisabled) found.push(doubt(rule.id, 'This rule is disabled: SDKs pass it over.'));
  const place = earlier.findIndex((each) => !each.isDisabled && each.clauses.length > 0 && covers(each, rule));
  const covering = earlier[place];
  if (covering && rule.clauses.length > 0)
    found.push(
      doubt(rule.id, `This rule is never reached: everybody it is for meets ${ruleName(covering, place)} first.`),
    );
  return found;
}

function clauseWarnings(clause: Clause, at: string): Warning[] {
  const found: Warning[] = [];
  if (clause.op !== 'segmentMatch' && !clause.attribute.trim())
    found.push(fault(at, 'A condition names no attribute: say what to look at.'));
  if (clause.values.length === 0)
    found.push(
      doubt(
        at,
        `A condition${clause.attribute ? ` on ${clause.attribute}` : ''} has no value: ${clause.negate ? 'everybody who has the attribute meets it' : 'nobody meets it'}.`,
      ),
    );
  for (const value of clause.values) {
    const problem = valueProblem(clause.op, value);
    if (problem) found.push(doubt(at, `${problem}: SDKs will not match it.`));
  }
  return found;
}

function serveWarnings(serve: Serve, at: string, known: Known): Warning[] {
  if (serve.is === 'experiment') return [];
  if (serve.is === 'variation') {
    if (known.variationIds.includes(serve.variationId)) return [];
    return [
      fault(at, serve.variationId ? 'This variation no longer exists: choose another one.' : 'Choose what to serve.'),
    ];
  }
  const total = totalOf(serve.rollout.weights);
  return total === WHOLE ? [] : [fault(at, `The shares add up to ${weightText(total)}; they must add up to 100%.`)];
}

function targetWarnings(draft: Draft, known: Known): Warning[] {
  const found: Warning[] = [];
  const seen = new Map<string, string>();
  for (const { contextKind, variationId, keys } of draft.targets) {
    if (!known.variationIds.includes(variationId))
      found.push(fault('targets', 'Targets are served a variation that no longer exists.'));
    for (const key of keys) {
      const name = `${contextKind} ${key}`;
      if (seen.has(name) && seen.get(name) !== variationId)
        found.push(fault('targets', `${name} is a target of two variations.`));
      seen.set(name, variationId);
    }
  }
  return found;
}

function prerequisiteWarnings(draft: Draft, known: Known): Warning[] {
  return draft.prerequisites
    .filter(({ key }) => key === known.flagKey)
    .map(() => fault('prerequisites', 'A flag cannot be its own prerequisite.'));
}

/** Whether everybody who meets the later rule meets the earlier one too. */
function covers(earlier: Rule, later: Rule): boolean {
  return earlier.clauses.every((clause) => later.clauses.some((each) => implies(each, clause)));
}

/** Whether whoever meets one clause is sure to meet the other. */
function implies(one: Clause, other: Clause): boolean {
  if (takesEverybody(other)) return one.op !== 'segmentMatch' && one.contextKind === other.contextKind;
  const isSameQuestion = one.op === other.op && one.negate === other.negate && one.attribute === other.attribute;
  if (!isSameQuestion || (one.op !== 'segmentMatch' && one.contextKind !== other.contextKind)) return false;
  const within = (some: unknown[], all: unknown[]) => some.every((value) => all.includes(value));
  return one.negate ? within(other.values, one.values) : within(one.values, other.values);
}

/** Whether a clause holds for every context of its kind: each has a key. */
function takesEverybody(clause: Clause): boolean {
  if (clause.attribute !== 'key' || clause.op === 'segmentMatch') return false;
  if (clause.negate) return clause.values.length === 0;
  if (clause.op === 'matches') return clause.values.some((value) => value === '' || value === '.*' || value === '.+');
  return ['startsWith', 'endsWith', 'contains'].includes(clause.op) && clause.values.includes('');
}

function fault(at: string, words: string): Warning {
  return { at, words, isFault: true };
}

function doubt(at: string, words: string): Warning {
  return { at, words, isFault: false };
}
