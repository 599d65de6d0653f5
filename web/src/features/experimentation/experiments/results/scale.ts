// Numbers along a line: from which to which it reaches, where its marks stand, and how far across a number lies.
import type { Estimate } from './shapes';

export interface Scale {
  from: number;
  to: number;
}

/** Wider than this many typical intervals, an interval is cut and says so, or it would flatten all others. */
const TYPICAL_MAX = 4;

/** One scale for several estimates, with zero on it. */
export function scaleOf(estimates: readonly Estimate[]): Scale {
  const known = estimates.filter((each) => each.value !== undefined);
  const values = known.map((each) => each.value ?? 0);
  const reaches = known.flatMap(({ value = 0, lower, upper }) =>
    [lower, upper].filter((end) => end !== undefined).map((end) => Math.abs(end - value)),
  );
  const limit = TYPICAL_MAX * medianOf(reaches);
  const ends = known.flatMap(({ value = 0, lower = value, upper = value }) => [
    Math.max(lower, value - limit),
    Math.min(upper, value + limit),
  ]);
  const from = Math.min(0, ...values, ...ends);
  const to = Math.max(0, ...values, ...ends);
  if (from === to) return { from: -0.1, to: 0.1 };
  const air = (to - from) * 0.06;
  return { from: from - air, to: to + air };
}

/** Round numbers on the scale, at most so many, zero among them. */
export function ticksOf({ from, to }: Scale, most: number): number[] {
  const rough = (to - from) / most;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = power * ([1, 2, 5, 10].find((each) => power * each >= rough * 0.999) ?? 10);
  const first = Math.ceil(from / step - 1e-9);
  const last = Math.floor(to / step + 1e-9);
  return Array.from({ length: last - first + 1 }, (_, place) => tidy((first + place) * step, step));
}

/** How far across a number lies: 0 at the left end, 1 at the right, never beyond. */
export function across({ from, to }: Scale, value: number): number {
  return Math.min(1, Math.max(0, (value - from) / (to - from)));
}

/** Whether an end of an interval lies beyond what is drawn. */
export function isBeyond({ from, to }: Scale, end: number | undefined): boolean {
  return end === undefined || end < from || end > to;
}

function medianOf(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? 0;
}

/** No 0.30000000000000004, and no minus before zero. */
function tidy(value: number, step: number): number {
  const digits = Math.max(0, 1 - Math.floor(Math.log10(step)));
  return digits > 15 ? value : Number(value.toFixed(digits)) + 0;
}
