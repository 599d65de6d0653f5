import { describe, expect, it } from 'vitest';
import { BLANK, type Design, designOf, iterationOf, updatesBetween } from './design';
import { EMPTY, firstOpen, problemIn, problemsOf } from './draft';
import { methodOf, ruleName, sentenceOf } from './wording';

const DESIGN: Design = {
  ...BLANK,
  hypothesis: 'Green is found sooner',
  flagKey: 'button',
  treatments: [
    { variationId: 'v0', name: 'Blue', share: 50 },
    { variationId: 'v1', name: 'Green', share: 50 },
  ],
  baselineId: 'v0',
  unit: 'user',
  metrics: [
    { key: 'sold', isGroup: false, name: 'Sold' },
    { key: 'spent', isGroup: false, name: 'Spent' },
  ],
  primaryKey: 'sold',
};
const DRAFT = { ...DESIGN, name: 'Colour', key: 'colour' };

describe('an experiment being made', () => {
  it('tells what is missing, step by step', () => {
    const problems = problemsOf(EMPTY);
    expect(firstOpen(problems)).toBe('hypothesis');
    expect(problemIn('flag', problems)).toBe('Choose the flag to test.');
    expect(problemIn('method', problems)).toBeUndefined();
    expect(problemsOf(DRAFT)).toEqual({});
    expect(firstOpen({})).toBe('review');
  });

  it('refuses what cannot be meant while one types', () => {
    const [first, second] = DRAFT.treatments as [Design['treatments'][0], Design['treatments'][0]];
    expect(problemsOf({ ...DRAFT, key: '-x' }).key).toContain('Start with a letter');
    expect(problemsOf({ ...DRAFT, treatments: [first] }).treatments).toContain('at least two');
    expect(problemsOf({ ...DRAFT, treatments: [first, { ...second, name: 'Blue ' }] }).treatments).toContain(
      'of its own',
    );
    expect(
      problemsOf({
        ...DRAFT,
        treatments: [
          { ...first, share: 100 },
          { ...second, share: 0 },
        ],
      }).treatments,
    ).toContain('0%');
    expect(problemsOf({ ...DRAFT, baselineId: 'v9' }).baseline).toBeDefined();
    expect(problemsOf({ ...DRAFT, audience: 0 }).audience).toBeDefined();
    expect(problemsOf({ ...DRAFT, primaryKey: 'gone' }).primary).toBeDefined();
    expect(problemsOf({ ...DRAFT, bayesianThreshold: 'high' }).threshold).toContain('50 to 99.99');
    expect(problemsOf(DRAFT, 'This flag is archived').flag).toBe('This flag is archived');
  });
});

describe('a design in the words of the API', () => {
  it('is posted with allocations of the whole audience', () => {
    const posted = iterationOf({ ...DESIGN, audience: 40 });
    expect(posted.treatments.map((each) => [each.name, each.baseline, each.allocationPercent])).toEqual([
      ['Blue', true, '20'],
      ['Green', false, '20'],
    ]);
    expect(posted.flags).toEqual({ button: { ruleId: 'fallthrough', notInExperimentVariationId: 'v0' } });
    expect(posted.primarySingleMetricKey).toBe('sold');
  });

  it('is changed only where it differs', () => {
    expect(updatesBetween(DESIGN, DESIGN)).toEqual({});
    const changed = updatesBetween(DESIGN, { ...DESIGN, audience: 50, methodology: 'frequentist' });
    expect(Object.keys(changed).sort()).toEqual(['analysisConfig', 'methodology', 'treatments']);
    expect(changed.methodology).toEqual({ operation: 'update', value: 'frequentist' });
  });

  it('is read back from what the API shows', () => {
    const iteration = iterationOf(DESIGN);
    const shown = {
      ...iteration,
      randomizationUnit: 'user',
      flags: {
        button: { targetingRule: 'fallthrough', notInExperimentVariationId: 'v0', flagConfigVersion: 1, _links: {} },
      },
      treatments: iteration.treatments.map((each, place) => ({ ...each, _id: `v${place}` })),
      metrics: DESIGN.metrics.map((each) => ({ ...each, _versionId: '', kind: 'custom', _links: {} })),
      primarySingleMetric: { key: 'sold' },
    };
    const experiment = { methodology: 'bayesian', analysisConfig: { bayesianThreshold: '95' } };
    const read = designOf(experiment as never, shown as never);
    expect(updatesBetween(DESIGN, read)).toEqual({});
  });
});

describe('an experiment in a sentence', () => {
  it('says who sees what and what decides', () => {
    expect(sentenceOf(DESIGN, { flag: 'Button', rule: 'the default rule', environment: 'production' })).toBe(
      'Everybody who meets the default rule of “Button” in production will see “Blue” (50%, the baseline) or “Green” (50%), ' +
        'each user always the same; “Sold” decides, with 1 more metric watched, once a treatment is best with 95% ' +
        'probability (Bayesian).',
    );
    expect(sentenceOf({ ...DESIGN, audience: 10 }, { flag: '', rule: '', environment: '' })).toContain(
      '10% of those who meet',
    );
  });

  it('tells a sequential method from a fixed horizon', () => {
    const frequentist: Design = { ...DESIGN, methodology: 'frequentist', correction: 'bonferroni' };
    expect(methodOf(frequentist)).toContain('look at any time, Bonferroni correction');
    expect(methodOf({ ...frequentist, sequential: false })).toContain('look once, at the end');
  });

  it('calls rules by what they say', () => {
    const rules = [{ _id: 'a', description: 'Testers' }, { _id: 'b' }];
    expect(ruleName('fallthrough', rules)).toBe('the default rule');
    expect(ruleName('a', rules)).toBe('rule 1 (“Testers”)');
    expect(ruleName('b', rules)).toBe('rule 2');
    expect(ruleName('c', rules)).toBe('a rule that is gone');
  });
});
