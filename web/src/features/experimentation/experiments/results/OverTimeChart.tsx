// The chart itself: one line and one band to each treatment; loaded only where it is shown.
import { useComputedColorScheme } from '@mantine/core';
import { useElementSize, useMergedRef } from '@mantine/hooks';
import { useEffect, useRef } from 'react';
import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import { change } from '@/lib/formats';
import { type Line, reachOf } from './overTime';
import { changed, changedWithin } from './wording';

const HEIGHT = 280;
const COLORS = {
  light: ['#1864ab', '#a61e4d', '#5c3d99', '#8a5a00'],
  dark: ['#74c0fc', '#faa2c1', '#b197fc', '#ffd43b'],
} as const;

export function OverTimeChart({ lines }: { lines: readonly Line[] }) {
  const { ref: sized, width } = useElementSize<HTMLDivElement>();
  const box = useRef<HTMLDivElement>(null);
  const ref = useMergedRef(sized, box);
  const scheme = useComputedColorScheme('light');
  const held = useRef<uPlot>(null);
  const latest = useRef(lines);
  latest.current = lines;
  const count = lines.length;
  useEffect(() => {
    const element = box.current;
    if (!element || width === 0 || count === 0) return;
    const plot = new uPlot(optionsOf(latest, width, COLORS[scheme]), dataOf(latest.current), element);
    held.current = plot;
    return () => plot.destroy();
  }, [count, width, scheme]);
  // News redraws the lines and leaves the chart standing.
  useEffect(() => held.current?.setData(dataOf(lines)), [lines]);
  return (
    <>
      <div ref={ref} role="img" aria-label={saidOf(lines)} style={{ minHeight: HEIGHT, width: '100%' }} />
      <Legend lines={lines} colors={COLORS[scheme]} />
    </>
  );
}

function Legend({ lines, colors }: { lines: readonly Line[]; colors: readonly string[] }) {
  return (
    <div style={{ display: 'flex', gap: 16, flexWrap: 'wrap', fontSize: '0.85rem' }} aria-hidden>
      {lines.map((line, place) => (
        <span key={line.treatmentId}>
          <span style={{ color: colors[place % colors.length] }}>━</span> {line.name}
        </span>
      ))}
    </div>
  );
}

function saidOf(lines: readonly Line[]): string {
  const last = lines.map((line) => {
    const estimate = line.points.at(-1) ?? {};
    return `“${line.name}” ends at ${changed(estimate)}, interval ${changedWithin(estimate) ?? 'not known'}`;
  });
  return `The difference from the baseline over time: ${last.join('; ')}. The table holds every point.`;
}

/** Times, then value, lower and upper end of each line. */
function dataOf(lines: readonly Line[]): uPlot.AlignedData {
  const times = (lines[0]?.points ?? []).map((each) => each.at / 1000);
  const rows = lines.flatMap((line) =>
    (['value', 'lower', 'upper'] as const).map((name) => line.points.map((each) => each[name] ?? null)),
  );
  return [times, ...rows];
}

function optionsOf(latest: { current: readonly Line[] }, width: number, colors: readonly string[]): uPlot.Options {
  const lines = latest.current;
  const style = getComputedStyle(document.body);
  const text = style.getPropertyValue('--mantine-color-dimmed').trim() || '#555';
  const grid = { stroke: style.getPropertyValue('--mantine-color-default-border').trim() || '#ddd', width: 1 };
  const axis = { stroke: text, grid, ticks: grid };
  return {
    width,
    height: HEIGHT,
    legend: { show: false },
    cursor: { drag: { x: false, y: false } },
    scales: { y: { range: () => reachOf(latest.current) } },
    axes: [axis, { ...axis, size: 64, values: (_, ticks) => ticks.map((tick) => change(tick, 1).replace('.0%', '%')) }],
    series: [{}, ...lines.flatMap((_, place) => seriesOf(colors[place % colors.length] ?? text))],
    bands: lines.map((_, place) => ({
      series: [3 * place + 3, 3 * place + 2],
      fill: `${colors[place % colors.length]}2e`,
    })),
  };
}

function seriesOf(color: string): uPlot.Series[] {
  const end = { stroke: `${color}66`, width: 1, points: { show: false } };
  return [{ stroke: color, width: 2 }, end, end];
}
