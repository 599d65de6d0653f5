import { expect, it } from 'vitest';
import { beliefOf, beliefScale, densityPath } from './density';
import type { Treatment } from './shapes';

const believing = (kind: string, parameters: Record<string, number>) =>
  ({ distribution: { kind, parameters } }) as unknown as Treatment;

it('knows mean and spread of both kinds of belief', () => {
  expect(beliefOf(believing('normal', { mu: 5, sigma: 2 }))).toMatchObject({ mean: 5, spread: 2 });
  const share = beliefOf(believing('beta', { alpha: 3, beta: 1 }));
  expect(share?.mean).toBeCloseTo(0.75);
  expect(share?.spread).toBeCloseTo(Math.sqrt(0.0375));
  expect(beliefOf({} as Treatment)).toBeUndefined();
});

it('draws a share within 0 and 1 even where it is hardly known', () => {
  const share = believing('beta', { alpha: 1.2, beta: 30 });
  const scale = beliefScale([share]);
  expect(scale?.from).toBe(0);
  expect(densityPath(share, scale ?? { from: 0, to: 1 })).not.toMatch(/NaN|Infinity/);
});

it('has its peak at the top and its feet on the ground', () => {
  const path = densityPath(believing('normal', { mu: 0, sigma: 1 }), { from: -4, to: 4 });
  expect(path).toContain('50.00,4.00');
  expect(path.startsWith('M0.00,100')).toBe(true);
  expect(path.endsWith('100.00,100Z')).toBe(true);
});
