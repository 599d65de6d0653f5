import { describe, expect, it } from 'vitest';
import { adviceOf } from './advice';
import type { Results, Treatment } from './shapes';

const treatment = (name: string, more: Partial<Treatment> = {}): Treatment =>
  ({
    treatmentId: name,
    treatmentName: name,
    baseline: name === 'Old',
    units: 1000,
    events: 300,
    relativeDifferences: [],
    notes: [],
    ...more,
  }) as unknown as Treatment;

const results = (more: Record<string, unknown> = {}): Results =>
  ({
    iterationStatus: 'running',
    methodology: 'bayesian',
    metric: { key: 'sold', name: 'Sold' },
    settings: {},
    results: [],
    treatmentResults: [treatment('Old'), treatment('New')],
    sampleRatio: { status: 'ok' },
    health: [],
    verdict: { sentence: 'As it says.' },
    ...more,
  }) as unknown as Results;

const won = { sentence: '“New” is better.', winningTreatmentId: 'New' };

describe('advice', () => {
  it('ships a winner', () => {
    expect(adviceOf(results({ verdict: won }), [])).toMatchObject({ tone: 'good', headline: 'Ship “New”.' });
  });

  it('names no winner while the sample ratio is in error', () => {
    const advice = adviceOf(results({ verdict: won, sampleRatio: { status: 'error' } }), []);
    expect(advice.tone).toBe('bad');
    expect(advice.headline).toBe('Do not decide on these numbers.');
  });

  it('waits on a small sample, whatever the probability', () => {
    const few = [treatment('Old', { units: 12 }), treatment('New', { units: 14 })];
    const advice = adviceOf(results({ verdict: won, treatmentResults: few }), []);
    expect(advice.headline).toContain('Wait');
    expect(advice.reason).toContain('12 units');
  });

  it('does not let a fixed-horizon test be stopped as soon as it says yes', () => {
    const fixed = results({ verdict: won, methodology: 'frequentist', settings: { sequentialTestingEnabled: false } });
    expect(adviceOf(fixed, []).headline).toContain('planned end');
    const sequential = results({
      verdict: won,
      methodology: 'frequentist',
      settings: { sequentialTestingEnabled: true },
    });
    expect(adviceOf(sequential, []).headline).toBe('Ship “New”.');
    expect(adviceOf({ ...fixed, iterationStatus: 'stopped' }, []).headline).toBe('Ship “New”.');
  });

  it('weighs a winner that loses elsewhere', () => {
    const worse = treatment('New', { frequentist: { verdict: 'worse' } as Treatment['frequentist'] });
    const refunds = results({
      metric: { key: 'refunds', name: 'Refunds' },
      treatmentResults: [treatment('Old'), worse],
    });
    expect(adviceOf(results({ verdict: won }), [refunds]).headline).toContain('worse in “Refunds”');
  });

  it('keeps the baseline where every treatment is worse', () => {
    const worse = treatment('New', { frequentist: { verdict: 'worse' } as Treatment['frequentist'] });
    const lost = results({ methodology: 'frequentist', treatmentResults: [treatment('Old'), worse] });
    expect(adviceOf(lost, []).headline).toContain('Keep “Old”');
  });

  it('mends data in error first, and keeps running without a verdict', () => {
    const health = [{ check: 'values', status: 'error', message: '3 events carry no metricValue' }];
    expect(adviceOf(results({ health }), [])).toMatchObject({ tone: 'bad', reason: '3 events carry no metricValue.' });
    expect(adviceOf(results(), []).headline).toBe('Keep it running.');
    expect(adviceOf(results({ iterationStatus: 'stopped' }), []).headline).toBe('It ended without a verdict.');
    const none = [treatment('Old', { units: 0 }), treatment('New', { units: 0 })];
    expect(adviceOf(results({ treatmentResults: none }), []).headline).toBe('Wait for the first exposures.');
  });
});
