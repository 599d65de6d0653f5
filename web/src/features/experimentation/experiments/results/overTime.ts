// How a difference settled over time: the same numbers as points of a chart and as rows of a table.
import { baselineOf, differenceOf, type Estimate, type Series } from './shapes';

export interface Line {
  treatmentId: string;
  name: string;
  points: (Estimate & { at: number })[];
}

/** One line to each treatment that is compared; the last point stands where time stands now. */
export function linesOf(series: Series, now: number): Line[] {
  const first = series.series[0]?.treatmentResults ?? [];
  return first
    .filter((each) => !each.baseline)
    .map(({ treatmentId, treatmentName }) => ({
      treatmentId,
      name: treatmentName,
      points: series.series.map(({ until, treatmentResults }) => {
        const treatment = treatmentResults.find((each) => each.treatmentId === treatmentId);
        const baseline = baselineOf(treatmentResults);
        const estimate = treatment && baseline && baseline.units > 0 ? differenceOf(treatment, baseline) : {};
        return { at: Math.min(until, now), ...estimate };
      }),
    }));
}

/**
 * From where to where the chart reaches: the last point and all values, and of the wide intervals at the beginning
 * only as much as leaves the rest readable.
 */
export function reachOf(lines: readonly Line[]): [number, number] {
  const last = lines.map((line) => line.points.at(-1) ?? {});
  const latest = last
    .flatMap(({ value, lower, upper }: Estimate) => [value, lower, upper])
    .filter((each) => each !== undefined);
  const width = 2 * Math.max(0.02, ...latest.map(Math.abs));
  const all = lines.flatMap((line) => line.points.flatMap(({ value, lower, upper }) => [value, lower, upper]));
  const known = all.filter((each) => each !== undefined);
  return [Math.max(-width, Math.min(0, ...known)), Math.min(width, Math.max(0, ...known))];
}
