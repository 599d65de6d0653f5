// The comparisons a clause can make: how they read, and what their values are.

export type ValueKind = 'any' | 'text' | 'number' | 'date' | 'version' | 'pattern' | 'segment';

export interface Operator {
  op: string;
  negate: boolean;
  /** As the sentence has it, with one value and with several. */
  words: string;
  wordsMany?: string;
  takes: ValueKind;
}

const BOTH: [op: string, takes: ValueKind, is: string, isNot: string, many?: [string, string]][] = [
  ['in', 'any', 'is', 'is not', ['is one of', 'is not one of']],
  ['startsWith', 'text', 'starts with', 'does not start with'],
  ['endsWith', 'text', 'ends with', 'does not end with'],
  ['contains', 'text', 'contains', 'does not contain'],
  ['matches', 'pattern', 'matches', 'does not match'],
  ['lessThan', 'number', 'is less than', 'is not less than'],
  ['lessThanOrEqual', 'number', 'is at most', 'is not at most'],
  ['greaterThan', 'number', 'is greater than', 'is not greater than'],
  ['greaterThanOrEqual', 'number', 'is at least', 'is not at least'],
  ['before', 'date', 'is before', 'is not before'],
  ['after', 'date', 'is after', 'is not after'],
  ['semVerEqual', 'version', 'is version', 'is not version'],
  ['semVerLessThan', 'version', 'is a version below', 'is not a version below'],
  ['semVerGreaterThan', 'version', 'is a version above', 'is not a version above'],
  ['segmentMatch', 'segment', 'is in segment', 'is not in segment'],
];

export const OPERATORS: Operator[] = BOTH.flatMap(([op, takes, is, isNot, many]) => [
  { op, negate: false, words: is, wordsMany: many?.[0], takes },
  { op, negate: true, words: isNot, wordsMany: many?.[1], takes },
]);

/** An operator by name; one that is not known here reads as it is spelt. */
export function operatorOf(op: string, negate: boolean): Operator {
  const known = OPERATORS.find((each) => each.op === op && each.negate === negate);
  return known ?? { op, negate, words: `${negate ? 'not ' : ''}${op}`, takes: 'any' };
}

/** Operators as a list to choose from. */
export const CHOICES = OPERATORS.map((each) => ({
  value: `${each.op}${each.negate ? ' not' : ''}`,
  label: each.wordsMany ?? each.words,
}));
