import { describe, expect, it } from 'vitest';
import { explain } from './explanation';
import { quantile } from './normal';
import type { Results, Treatment } from './shapes';

const treatment = (name: string, more: object): Treatment =>
  ({
    treatmentId: name,
    treatmentName: name,
    baseline: name === 'Old',
    events: 0,
    units: 0,
    ...more,
  }) as unknown as Treatment;

const old = treatment('Old', { sample: { kind: 'share', n: 400, withEvent: 80 }, dataMean: 0.2, standardError: 0.02 });
const fresh = treatment('New', {
  sample: { kind: 'share', n: 400, withEvent: 110 },
  dataMean: 0.275,
  standardError: 0.0223257,
  frequentist: { alpha: 0.05, pValue: 0.03 },
});
const effect = {
  method: 'delta-z',
  estimate: 0.375,
  standardError: 0.177,
  ci: { lower: 0.375 - 1.96 * 0.177, upper: 0.375 + 1.96 * 0.177 },
};
const symbols = ['n', 'k', 'm', 'm0', 'd', 'z', 'se'].map((token) => ({
  token,
  symbol: token,
  meaning: `the ${token}`,
}));
const results = {
  settings: { significanceThreshold: 0.05 },
  sampleRatio: { observed: { Old: 400, New: 400 }, expected: { Old: 400, New: 400 }, logBayesFactor: -3 },
  formulas: [
    { figure: 'mean', method: 'share', name: 'Share', lines: ['{m} = {k} / {n}'], symbols, source: 'Somebody 1900' },
    {
      figure: 'relative',
      method: 'delta-z',
      name: 'Delta',
      lines: ['d = {m}/{m0} − 1', '{d} ± {z}·{se}'],
      symbols,
      source: 'S',
    },
  ],
} as unknown as Results;

describe('an explanation', () => {
  it("puts the figure's own numbers into the formula", () => {
    const told = explain({ figure: 'mean', name: 'Mean', shown: '27.5%', treatment: fresh }, results, [old, fresh]);
    expect(told?.lines).toEqual([{ symbols: 'm = k / n', numbers: '0.275 = 110 / 400' }]);
    expect(told?.inputs[0]).toEqual({ symbol: 'n', meaning: 'the n', value: '400' });
    expect(told?.formula.source).toBe('Somebody 1900');
  });

  it('reads the critical value off the interval, and the baseline from its own treatment', () => {
    const asked = { figure: 'relative', method: 'delta-z', name: 'd', shown: '', treatment: fresh, effect };
    const told = explain(asked, results, [old, fresh]);
    expect(told?.lines.map((each) => each.numbers)).toEqual(['d = 0.275/0.2 − 1', '0.375 ± 1.96·0.177']);
  });

  it('writes out beliefs and lists where a symbol stands for several numbers', () => {
    const tokens = ['belief', 'others', 'observed'].map((token) => ({ token, symbol: token, meaning: '' }));
    const lines = ['P({belief} is above all of {others})', 'O = {observed}'];
    const best = { figure: 'pBest', method: 'quadrature', name: 'Best', lines, symbols: tokens, source: '' };
    const believed = (treatment: Treatment, alpha: number) =>
      ({ ...treatment, distribution: { kind: 'beta', parameters: { alpha, beta: 9 } } }) as Treatment;
    const both = [believed(old, 81), believed(fresh, 111)] as const;
    const asked = { figure: 'pBest', name: 'Best', shown: '', treatment: both[1] };
    const told = explain(asked, { ...results, formulas: [best] } as unknown as Results, both);
    expect(told?.lines.map((each) => each.numbers)).toEqual([
      'P(Beta(111; 9) is above all of Beta(81; 9))',
      'O = (400; 400)',
    ]);
  });

  it('tells what is believed of the baseline from what is believed of the others', () => {
    const methods = ['beta-flat', 'beta'].map((method) => ({
      figure: 'posterior',
      method,
      name: method,
      lines: [],
      symbols,
    }));
    const both = { ...results, formulas: methods } as unknown as Results;
    const named = (treatment: Treatment) =>
      explain({ figure: 'posterior', name: '', shown: '', treatment }, both, [old, fresh])?.formula.name;
    expect([named(old), named(fresh)]).toEqual(['beta-flat', 'beta']);
  });

  it('has nothing to say of a figure without a formula', () => {
    expect(explain({ figure: 'mood', name: '', shown: '', treatment: fresh }, results, [old])).toBeUndefined();
  });
});

it('knows the usual quantiles', () => {
  expect(quantile(0.975)).toBeCloseTo(1.959963984540054, 12);
  expect(quantile(0.5)).toBeCloseTo(0, 12);
  expect(quantile(0.0005)).toBeCloseTo(-3.2905267314919255, 10);
});
