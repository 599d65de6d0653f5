import { describe, expect, it } from 'vitest';
import { allocations, evenly, sharesOf, withShare } from './allocation';

const sum = (shares: number[]) => shares.reduce((total, each) => total + each, 0);

describe('shares of treatments', () => {
  it('are even at first, and whole', () => {
    expect(evenly(2)).toEqual([50, 50]);
    expect(evenly(3)).toEqual([34, 33, 33]);
    expect(evenly(0)).toEqual([]);
  });

  it('add up to 100 wherever a slider is put', () => {
    for (const before of [
      [50, 50],
      [34, 33, 33],
      [100, 0, 0],
      [10, 20, 30, 40],
    ]) {
      for (let share = 0; share <= 100; share += 7) {
        for (let place = 0; place < before.length; place += 1) {
          const after = withShare(before, place, share);
          expect(sum(after)).toBe(100);
          expect(after[place]).toBe(share);
          expect(Math.min(...after)).toBeGreaterThanOrEqual(0);
        }
      }
    }
  });

  it('keep the proportions of the others', () => {
    expect(withShare([20, 20, 60], 0, 60)).toEqual([60, 10, 30]);
    expect(withShare([100, 0, 0], 0, 50)).toEqual([50, 25, 25]);
  });

  it('become parts of the audience, and are read back', () => {
    expect(allocations([50, 50], 100)).toEqual(['50', '50']);
    expect(allocations([34, 33, 33], 15)).toEqual(['5.1', '4.95', '4.95']);
    expect(sharesOf(['5.1', '4.95', '4.95'])).toEqual({ shares: [34, 33, 33], audience: 15 });
    expect(sharesOf(['12.5', '12.5', '12.5'])).toEqual({ shares: [34, 33, 33], audience: 37.5 });
    expect(sharesOf(['0', '0'])).toEqual({ shares: [50, 50], audience: 0 });
  });
});
