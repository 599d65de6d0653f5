import { expect, test } from 'vitest';
import { even, reweighed, totalOf, type Weights, WHOLE, weightText } from './weights';

test('moving one share keeps the others in proportion', () => {
  expect(reweighed({ a: 50_000, b: 30_000, c: 20_000 }, 'a', 75_000)).toEqual({ a: 75_000, b: 15_000, c: 10_000 });
  expect(reweighed({ a: 100_000, b: 0, c: 0 }, 'a', 40_000)).toEqual({ a: 40_000, b: 60_000, c: 0 });
});

test('equal shares differ by no more than a thousandth of a percent', () => {
  expect(even({ a: 1, b: 2, c: 3 })).toEqual({ a: 33_334, b: 33_333, c: 33_333 });
});

test('however shares are moved, they are all of the traffic, and the one moved is where it was put', () => {
  let seed = 7;
  const random = () => {
    seed = (seed * 48_271) % 2_147_483_647; // Park and Miller (1988)
    return seed / 2_147_483_647;
  };
  let weights: Weights = even({ a: 0, b: 0, c: 0, d: 0, e: 0 });
  for (let move = 0; move < 2_000; move += 1) {
    const id = ['a', 'b', 'c', 'd', 'e'][Math.floor(random() * 5)] ?? 'a';
    const wanted = Math.round(random() * 120_000 - 10_000);
    weights = reweighed(weights, id, wanted);
    expect(totalOf(weights)).toBe(WHOLE);
    expect(weights[id]).toBe(Math.min(WHOLE, Math.max(0, wanted)));
    expect(Object.values(weights).every((weight) => weight >= 0 && Number.isInteger(weight))).toBe(true);
  }
});

test.each([
  [33_333, '33.333%'],
  [50_000, '50%'],
  [5, '0.005%'],
])('%i thousandths read %s', (weight, shown) => expect(weightText(weight)).toBe(shown));
