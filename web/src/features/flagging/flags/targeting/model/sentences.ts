// Rules in plain language: If user email ends with “@corp.com”, serve on.
import type { Clause, Rule, Serve } from './draft';
import { operatorOf } from './operators';
import { weightText } from './weights';

export interface Part {
  text: string;
  /** Names and values stand out. */
  is?: 'kind' | 'attribute' | 'value' | 'served';
}

export type NameOf = (variationId: string) => string;

const SHOWN_MAX = 6;

/** A rule as the parts of a sentence; `text` joins them. */
export function ruleSentence(rule: Rule, nameOf: NameOf): Part[] {
  return [
    { text: 'If ' },
    ...conditions(rule.clauses),
    { text: ', serve ' },
    { text: served(rule.serve, nameOf), is: 'served' },
  ];
}

/** The clauses of a rule, joined by "and"; a kind is named where it differs from the one before. */
export function conditions(clauses: readonly Clause[]): Part[] {
  if (clauses.length === 0) return [{ text: 'nothing is asked' }];
  return clauses.flatMap((clause, place) => {
    const before = clauses[place - 1];
    const parts = clauseParts(clause, before?.op !== 'segmentMatch' && before?.contextKind === clause.contextKind);
    return place === 0 ? parts : [{ text: ' and ' }, ...parts];
  });
}

export function served(serve: Serve, nameOf: NameOf): string {
  if (serve.is === 'variation') return nameOf(serve.variationId);
  const weights = serve.is === 'rollout' ? serve.rollout.weights : serve.weights;
  const shares = Object.entries(weights).filter(([, weight]) => weight > 0);
  const text = shares.map(([id, weight]) => `${weightText(weight)} ${nameOf(id)}`).join(', ');
  return serve.is === 'experiment' ? `an experiment (${text})` : text || 'nothing';
}

export function text(parts: readonly Part[]): string {
  return parts.map((part) => part.text).join('');
}

/** What a rule is called: its description, or its place among the others. */
export function ruleName(rule: Rule, place: number): string {
  return rule.description || `rule ${place + 1}`;
}

/** A value as a sentence has it: text in quotation marks, everything else as it is. */
export function valueText(value: unknown): string {
  return typeof value === 'string' ? `“${value}”` : JSON.stringify(value);
}

function clauseParts(clause: Clause, isKindKnown: boolean): Part[] {
  const operator = operatorOf(clause.op, clause.negate);
  const values = listed(clause);
  const verb = { text: ` ${clause.values.length > 1 ? (operator.wordsMany ?? operator.words) : operator.words} ` };
  if (clause.op === 'segmentMatch') return [{ text: 'the context', is: 'kind' }, verb, values];
  const kind: Part[] = isKindKnown ? [] : [{ text: clause.contextKind, is: 'kind' }, { text: ' ' }];
  return [...kind, { text: clause.attribute || '(no attribute)', is: 'attribute' }, verb, values];
}

function listed(clause: Clause): Part {
  if (clause.values.length === 0) return { text: '(no value)', is: 'value' };
  const shown = clause.values.slice(0, SHOWN_MAX).map(valueText);
  const more = clause.values.length - shown.length;
  if (more > 0) return { text: `${shown.join(', ')} and ${more} more`, is: 'value' };
  const isList = operatorOf(clause.op, clause.negate).wordsMany !== undefined;
  const last = shown.pop() ?? '';
  if (shown.length === 0) return { text: last, is: 'value' };
  return { text: isList ? [...shown, last].join(', ') : `${shown.join(', ')} or ${last}`, is: 'value' };
}
