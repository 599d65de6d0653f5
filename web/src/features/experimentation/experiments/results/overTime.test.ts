import { expect, it } from 'vitest';
import { linesOf, reachOf } from './overTime';
import type { Series } from './shapes';

const point = (until: number, value: number, half: number, units = 10) => ({
  since: until - 10,
  until,
  treatmentResults: [
    { treatmentId: 'a', treatmentName: 'Old', baseline: true, units, relativeDifferences: [] },
    {
      treatmentId: 'b',
      treatmentName: 'New',
      baseline: false,
      units,
      relativeDifferences: [{ fromTreatmentId: 'a', value, lower: value - half, upper: value + half }],
    },
  ],
});
const series = { series: [point(10, 0.5, 9), point(20, 0.1, 0.3), point(30, 0.12, 0.1)] } as unknown as Series;

it('draws a line to each treatment but the baseline, and ends it now', () => {
  const [line, ...others] = linesOf(series, 25);
  expect(others).toEqual([]);
  expect(line?.points.map((each) => each.at)).toEqual([10, 20, 25]);
  expect(line?.points[1]).toMatchObject({ value: 0.1 });
});

it('is not flattened by the first hours', () => {
  const [low, high] = reachOf(linesOf(series, 30));
  expect(high).toBeLessThan(1);
  expect(low).toBeLessThan(0);
});

it('leaves a gap where nobody had been exposed', () => {
  const none = { series: [point(10, 0.5, 9, 0)] } as unknown as Series;
  expect(linesOf(none, 30)[0]?.points[0]?.value).toBeUndefined();
});
