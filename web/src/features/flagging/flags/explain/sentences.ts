// An explanation in words.
import type { Schema } from '@/lib/api/client';
import { percent } from '@/lib/formats';
import { shown } from '../values';

export type Explanation = Schema<'MatrixCell'>;
export type FlagTrace = Schema<'FlagTrace'>;
export type ClauseTrace = Schema<'ClauseTrace'>;
export type RolloutTrace = Schema<'RolloutTrace'>;
export type SegmentTrace = Schema<'SegmentTrace'>;
export type Labels = Record<string, Schema<'FlagLabel'>>;

const OPERATORS: Record<string, [string, string]> = {
  in: ['is one of', 'is none of'],
  startsWith: ['starts with', 'does not start with'],
  endsWith: ['ends with', 'does not end with'],
  contains: ['contains', 'does not contain'],
  matches: ['matches', 'does not match'],
  lessThan: ['is less than', 'is not less than'],
  lessThanOrEqual: ['is at most', 'is not at most'],
  greaterThan: ['is greater than', 'is not greater than'],
  greaterThanOrEqual: ['is at least', 'is not at least'],
  before: ['is before', 'is not before'],
  after: ['is after', 'is not after'],
  semVerEqual: ['is the version', 'is not the version'],
  semVerLessThan: ['is a version below', 'is not a version below'],
  semVerGreaterThan: ['is a version above', 'is not a version above'],
  segmentMatch: ['is in the segment', 'is not in the segment'],
};

/** The whole answer in one sentence; who asked is said by the caller. */
export function sentenceOf(explanation: Explanation): string {
  const { flag, archived } = explanation;
  if (archived) return 'gets the value that code gives itself, because the flag is archived: SDKs do not receive it.';
  if (!flag) return 'gets the value that code gives itself, because SDKs do not receive this flag.';
  return `${whatOf(explanation)}, because ${becauseOf(flag, explanation.labels)}.`;
}

/** Why a flag decided as it did. */
export function becauseOf(flag: FlagTrace, labels: Labels): string {
  if (flag.malformed) return `the flag is malformed: ${flag.malformed}`;
  switch (flag.decidedBy) {
    case 'off':
      return 'targeting is off';
    case 'prerequisite': {
      const failed = flag.prerequisites?.find((each) => each.outcome !== 'met');
      return failed ? `its prerequisite ${prerequisiteOf(failed, labels)}` : 'a prerequisite is not met';
    }
    case 'target': {
      const target = flag.targets?.find((each) => each.matched);
      return `the ${target?.contextKind ?? 'context'} ${target?.key ?? ''} is targeted by key`;
    }
    case 'rule': {
      const rule = flag.rules?.find((each) => each.answer === 'matched');
      const place = rule ? ruleName(labels[flag.key], rule.id, rule.index) : 'a rule';
      return `${place} matches${sharedOut(rule?.served?.rollout)}`;
    }
    case 'fallthrough':
      return `no target and no rule matches, so the default rule decides${sharedOut(flag.fallthrough?.rollout)}`;
    default:
      return 'the flag is malformed';
  }
}

/** A rule as people know it: its place and its description. */
export function ruleName(label: Schema<'FlagLabel'> | undefined, id: string | null, index: number): string {
  const place = label?.rules.findIndex((each) => each._id === id) ?? -1;
  const description = label?.rules[place]?.description;
  const number = `rule ${(place >= 0 ? place : index) + 1}`;
  return description ? `${number} “${description}”` : number;
}

/** A prerequisite and how it went: "payments serves Legacy instead of Stripe". */
export function prerequisiteOf(step: Schema<'PrerequisiteTrace'>, labels: Labels): string {
  const label = labels[step.key];
  const name = (index: number | null | undefined) =>
    typeof index === 'number' ? (label?.variations[index] ?? `variation ${index}`) : 'nothing';
  switch (step.outcome) {
    case 'met':
      return `${step.key} serves ${name(step.served)}, as required`;
    case 'off':
      return `${step.key} is off; it would have to be on and serve ${name(step.variation)}`;
    case 'missing':
      return `${step.key} does not exist or is archived; it would have to serve ${name(step.variation)}`;
    case 'otherVariation':
      return `${step.key} serves ${name(step.served)} instead of ${name(step.variation)}`;
    case 'circle':
      return `${step.key} leads back to this flag`;
    default:
      return `${step.key} is malformed`;
  }
}

/** What a clause asks: "plan is one of pro, team". */
export function questionOf(clause: ClauseTrace): string {
  const isOne = clause.op === 'in' && clause.valueCount === 1;
  const [asks, denies] = (isOne ? ['is', 'is not'] : OPERATORS[clause.op]) ?? [`“${clause.op}”`, `not “${clause.op}”`];
  const of = clause.contextKind === 'user' ? '' : `${clause.contextKind} `;
  const subject = clause.op === 'segmentMatch' ? 'the context' : `${of}${clause.attribute}`;
  const more = clause.valueCount - clause.values.length;
  const values = clause.values.map((each) => shown(each)).join(', ');
  return `${subject} ${clause.negate ? denies : asks} ${values}${more > 0 ? ` and ${more} more` : ''}`;
}

/** Why a clause answers as it does: "plan is free". */
export function reasonOf(clause: ClauseTrace): string {
  if (clause.malformed) return clause.malformed;
  const is = `it is ${shown(clause.value)}`;
  switch (clause.because) {
    case 'fits':
    case 'noneFits':
      return is;
    case 'kindMissing':
      return `the context has no kind “${clause.contextKind}”`;
    case 'attributeMissing':
      return 'the context does not say; then neither a clause nor its opposite matches';
    case 'wrongType':
      return `${is}, which “${clause.op}” cannot compare`;
    case 'noUsableValues':
      return `${is}, and the clause has no value that “${clause.op}” can use`;
    case 'unknownOperator':
      return `“${clause.op}” is no operator, so nothing fits`;
    case 'inSegment':
      return `the context is in ${clause.segments?.find((each) => each.member)?.key ?? 'one of them'}`;
    case 'inNoSegment':
      return 'the context is in none of them';
    default:
      return 'it cannot be answered';
  }
}

/** Where a rollout puts a context. */
export function placeOf(rollout: RolloutTrace): string {
  if (rollout.bucket === undefined) {
    return `The context has no kind “${rollout.contextKind}”, so it gets the first share.`;
  }
  const by = `${rollout.contextKind} ${rollout.attribute}`;
  if (!rollout.hashed) return `${by} is ${nothingOr(rollout.value)}, which falls into the first bucket, 0%.`;
  return `${by} ${shown(rollout.value)} falls at ${percent(rollout.bucket, 3)}.`;
}

/** Why somebody is in a segment, or not. */
export function membershipOf(segment: SegmentTrace): string {
  if (segment.malformed) return `malformed: ${segment.malformed}`;
  switch (segment.decidedBy) {
    case 'included':
      return `the ${segment.listedKind} is listed by key`;
    case 'excluded':
      return `the ${segment.listedKind} is excluded by key`;
    case 'rule':
      return `rule ${(segment.rules?.findIndex((each) => each.answer === 'matched') ?? 0) + 1} of the segment matches`;
    case 'store':
      return segment.big?.listed ? 'its list of members has the context' : 'its list of members has no such context';
    default:
      return 'it is not listed, and no rule of the segment matches';
  }
}

function whatOf({ value, variation, variationName }: Explanation): string {
  if (variation === null) return 'gets the value that code gives itself';
  const text = shown(value);
  return variationName && variationName !== text && variationName !== JSON.stringify(value)
    ? `gets ${variationName} (${text})`
    : `gets ${text}`;
}

function sharedOut(rollout: RolloutTrace | undefined): string {
  if (!rollout) return '';
  const what = rollout.kind === 'experiment' ? 'its experiment' : 'its percentage rollout';
  const share = rollout.shares?.[rollout.chosen ?? 0];
  return rollout.bucket === undefined
    ? ` and ${what} has no ${rollout.contextKind} to go by`
    : ` and ${what} puts the ${rollout.contextKind} into the share of ${percent((share?.weight ?? 0) / 100_000)}`;
}

function nothingOr(value: unknown): string {
  return value === undefined ? 'not said' : `${shown(value)}, neither text nor a whole number`;
}
