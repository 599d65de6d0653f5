import { describe, expect, it } from 'vitest';
import {
  type ClauseTrace,
  type Explanation,
  membershipOf,
  placeOf,
  prerequisiteOf,
  questionOf,
  reasonOf,
  type SegmentTrace,
  sentenceOf,
} from './sentences';

const labels = {
  checkout: {
    name: 'Checkout',
    variations: ['Old', 'New'],
    rules: [
      { _id: 'resting', description: '', index: null },
      { _id: 'r1', description: 'Paying customers', index: 0 },
    ],
  },
  payments: { name: 'Payments', variations: ['Legacy', 'Stripe'], rules: [] },
};

function explained(flag: object, more: object = {}): Explanation {
  const base = { value: 'new', variation: 1, variationName: 'New', reason: {}, archived: false, labels };
  return { ...base, flag: { key: 'checkout', on: true, reason: {}, ...flag }, ...more } as unknown as Explanation;
}

describe('an explanation in one sentence', () => {
  it('names the rule as people know it, counting rules that are switched off', () => {
    const rules = [{ index: 0, id: 'r1', answer: 'matched', served: { variation: 1 } }];
    expect(sentenceOf(explained({ decidedBy: 'rule', rules }))).toBe(
      'gets New (new), because rule 2 “Paying customers” matches.',
    );
  });

  it('says what stands in the way', () => {
    expect(sentenceOf(explained({ decidedBy: 'off' }, { value: true, variationName: 'true' }))).toBe(
      'gets true, because targeting is off.',
    );
    const prerequisites = [{ key: 'payments', variation: 1, served: 0, outcome: 'otherVariation' }];
    expect(sentenceOf(explained({ decidedBy: 'prerequisite', prerequisites }))).toContain(
      'because its prerequisite payments serves Legacy instead of Stripe.',
    );
    expect(sentenceOf(explained({}, { flag: undefined, archived: true, variation: null }))).toContain('archived');
    expect(sentenceOf(explained({ decidedBy: 'malformed', malformed: "rules[0]: 'op' is missing" }))).toContain(
      "malformed: rules[0]: 'op' is missing",
    );
  });

  it('says who is targeted, and what the default rule does', () => {
    const targets = [{ contextKind: 'org', key: 'acme', variation: 1, keyCount: 1, matched: true }];
    expect(sentenceOf(explained({ decidedBy: 'target', targets }))).toContain('the org acme is targeted by key');
    const shares = [{ variation: 1, weight: 25_000, above: 0, below: 0.25, untracked: false }];
    const rollout = { kind: 'rollout', bucket: 0.1, contextKind: 'user', shares, chosen: 0 };
    const fallthrough = { variation: 1, rollout };
    expect(sentenceOf(explained({ decidedBy: 'fallthrough', fallthrough }))).toContain(
      'the default rule decides and its percentage rollout puts the user into the share of 25.0%.',
    );
  });
});

describe('a step in words', () => {
  const clause = {
    contextKind: 'user',
    attribute: 'plan',
    op: 'in',
    negate: false,
    values: ['pro', 'team'],
    valueCount: 2,
    value: 'free',
    because: 'noneFits',
  } as ClauseTrace;

  it('says what a clause asks and what it was told', () => {
    expect([questionOf(clause), reasonOf(clause)]).toEqual(['plan is one of pro, team', 'it is free']);
    expect(questionOf({ ...clause, values: ['pro'], valueCount: 1 })).toBe('plan is pro');
    const other = { ...clause, contextKind: 'org', negate: true, valueCount: 60 };
    expect(questionOf(other)).toBe('org plan is none of pro, team and 58 more');
    expect(reasonOf({ ...clause, because: 'wrongType', op: 'lessThan', value: '3' })).toContain('cannot compare');
    expect(reasonOf({ ...clause, because: 'kindMissing', value: undefined })).toContain('no kind “user”');
  });

  it('says where a rollout puts a context', () => {
    const rollout = { kind: 'rollout' as const, contextKind: 'user', attribute: 'key', seed: 's', value: 'ann' };
    expect(placeOf({ ...rollout, hashed: true, bucket: 0.12345678 })).toBe('user key ann falls at 12.346%.');
    expect(placeOf({ ...rollout, value: 1.5, hashed: false, bucket: 0 })).toContain('neither text nor a whole number');
    expect(placeOf(rollout)).toContain('gets the first share');
  });

  it('says how a prerequisite and a segment went', () => {
    expect(prerequisiteOf({ key: 'payments', variation: 1, outcome: 'off' }, labels)).toContain('have to be on');
    const segment = { key: 'beta', decidedBy: 'rule', rules: [{ index: 0 }, { index: 1, answer: 'matched' }] };
    expect(membershipOf(segment as SegmentTrace)).toBe('rule 2 of the segment matches');
  });
});
