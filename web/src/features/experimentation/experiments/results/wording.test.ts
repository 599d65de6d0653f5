import { describe, expect, it } from 'vitest';
import type { Results, Treatment } from './shapes';
import { because, chance, changed, changedWithin, pValue, smallness, surety, valued } from './wording';

const share = { results: [{ treatmentResults: [{ sample: { kind: 'share' } }] }], metric: {} } as unknown as Results;
const money = {
  results: [{ treatmentResults: [{ sample: { kind: 'mean' } }] }],
  metric: { unit: 'EUR' },
} as unknown as Results;

describe('figures in words', () => {
  it('writes shares as percentages and amounts with their unit', () => {
    expect(valued(0.2044, share)).toBe('20.4%');
    expect(valued(0.0123, share)).toBe('1.23%');
    expect(valued(10.1234, money)).toBe('10.12 EUR');
    expect(valued(-9.4291, money)).toBe('−9.43 EUR');
    expect(valued(0.04567, money)).toBe('0.0457 EUR');
    expect(valued(undefined, money)).toBe('not known');
  });

  it('is as precise as the interval makes sense of', () => {
    expect(changed({ value: 0.1234, lower: -0.4, upper: 0.7 })).toBe('+12%');
    expect(changed({ value: 0.1234, lower: 0.1, upper: 0.15 })).toBe('+12.3%');
    expect(changedWithin({ lower: -0.012, upper: 0.25 })).toBe('−1.2% to +25.0%');
    expect(changedWithin({ lower: 0.02 })).toBe('at least +2.0%');
    expect(changedWithin({})).toBeUndefined();
  });

  it('is never quite certain', () => {
    expect(chance(0.99996)).toBe('> 99.9%');
    expect(chance(0.00004)).toBe('< 0.1%');
    expect(chance(0.9312)).toBe('93.1%');
    expect(pValue(3e-9)).toBe('p < 0.0001');
    expect(pValue(0.0314)).toBe('p = 0.031');
  });

  it('names the correction of a p-value', () => {
    const treatment = { frequentist: { pValue: 0.01, adjustedPValue: 0.02 } } as unknown as Treatment;
    const corrected = { methodology: 'frequentist', settings: { multipleComparisonCorrectionMethod: 'bonferroni' } };
    expect(surety(treatment, corrected as unknown as Results)).toBe('p = 0.02 (Bonferroni)');
    expect(surety({ pBeatBaseline: 0.5 } as Treatment, { methodology: 'bayesian' } as Results)).toBe(
      '50.0% to beat the baseline',
    );
  });

  it('says that a sample is small by what is few in it', () => {
    const of = (units: number, withEvent: number) =>
      ({ units, events: withEvent, sample: { withEvent } }) as unknown as Treatment;
    expect(smallness([of(5000, 900), of(5100, 8)])).toContain('8 events');
    expect(smallness([of(40, 30), of(50, 40)])).toContain('40 units');
    expect(smallness([of(500, 30), of(500, 40)])).toBeUndefined();
  });

  it('says why a number is missing', () => {
    expect(because('collecting')).toContain('too early');
    expect(because(undefined)).toContain('nothing');
  });
});
