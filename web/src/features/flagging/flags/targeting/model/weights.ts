// Shares of traffic in thousandths of a percent: however they are moved, together they are all of it.

export const WHOLE = 100_000;
export type Weights = Record<string, number>;

export function totalOf(weights: Weights): number {
  return Object.values(weights).reduce((sum, weight) => sum + weight, 0);
}

/** One share set to a weight; the others keep their proportions in what is left. */
export function reweighed(weights: Weights, id: string, wanted: number): Weights {
  const weight = Math.min(WHOLE, Math.max(0, Math.round(wanted)));
  const others = Object.keys(weights).filter((each) => each !== id);
  if (others.length === 0) return { [id]: WHOLE };
  const parts = others.map((each) => weights[each] ?? 0);
  const held = parts.reduce((sum, each) => sum + each, 0);
  // Where the others had nothing there is no proportion to keep: the first of them takes what is left.
  const proportions = held === 0 ? others.map((_, place) => (place === 0 ? 1 : 0)) : parts;
  const shared = apportioned(WHOLE - weight, proportions);
  const found = Object.fromEntries(others.map((each, place) => [each, shared[place] ?? 0]));
  return Object.fromEntries(Object.keys(weights).map((each) => [each, each === id ? weight : (found[each] ?? 0)]));
}

/** The same share for each, as far as thousandths go. */
export function even(weights: Weights): Weights {
  const ids = Object.keys(weights);
  const shared = apportioned(
    WHOLE,
    ids.map(() => 1),
  );
  return Object.fromEntries(ids.map((id, place) => [id, shared[place] ?? 0]));
}

/** 33,333 is 33.333%. */
export function weightText(weight: number): string {
  return `${(weight / 1000).toLocaleString('en', { maximumFractionDigits: 3 })}%`;
}

/** Whole parts of a total in given proportions, by largest remainders: they add up to the total. */
function apportioned(total: number, proportions: number[]): number[] {
  const sum = proportions.reduce((so, each) => so + each, 0);
  const exact = proportions.map((each) => (total * each) / sum);
  const parts = exact.map(Math.floor);
  const left = total - parts.reduce((so, each) => so + each, 0);
  const byRemainder = exact.map((each, place) => ({ place, rest: each - Math.floor(each) }));
  byRemainder.sort((one, other) => other.rest - one.rest || one.place - other.place);
  for (const { place } of byRemainder.slice(0, left)) parts[place] = (parts[place] ?? 0) + 1;
  return parts;
}
