import { describe, expect, it } from 'vitest';
import { across, isBeyond, scaleOf, ticksOf } from './scale';

describe('a scale for several estimates', () => {
  it('holds every interval and zero', () => {
    const scale = scaleOf([
      { value: 0.1, lower: 0.05, upper: 0.15 },
      { value: 0.2, lower: 0.12, upper: 0.28 },
    ]);
    expect(scale.from).toBeLessThanOrEqual(0);
    expect(scale.to).toBeGreaterThan(0.28);
  });

  it('is not flattened by one interval that is far wider than the others', () => {
    const narrow = { value: 0.02, lower: 0, upper: 0.04 };
    const scale = scaleOf([narrow, narrow, narrow, { value: 0.1, lower: -40, upper: 60 }]);
    expect(scale.to).toBeLessThan(0.5);
    expect(isBeyond(scale, 60)).toBe(true);
    expect(isBeyond(scale, 0.04)).toBe(false);
  });

  it('has a width even where nothing is known', () => {
    expect(scaleOf([])).toEqual({ from: -0.1, to: 0.1 });
    expect(scaleOf([{}]).to).toBeGreaterThan(0);
  });

  it('leaves an end at infinity to be drawn as beyond', () => {
    expect(isBeyond(scaleOf([{ value: 0.1, lower: 0 }]), undefined)).toBe(true);
  });
});

describe('ticks', () => {
  it('are round, in order, and hold zero', () => {
    expect(ticksOf({ from: -0.12, to: 0.33 }, 6)).toEqual([-0.1, 0, 0.1, 0.2, 0.3]);
    expect(ticksOf({ from: -0.0007, to: 0.0021 }, 4)).toEqual([0, 0.001, 0.002]);
  });

  it('are never more than asked for by much', () => {
    for (const width of [0.013, 0.7, 1, 9.99, 1234]) {
      expect(ticksOf({ from: -width, to: width }, 5).length).toBeLessThanOrEqual(6);
    }
  });
});

it('places numbers between the ends and keeps them there', () => {
  expect(across({ from: -1, to: 3 }, 1)).toBe(0.5);
  expect(across({ from: -1, to: 3 }, 99)).toBe(1);
});
