// Events over time as columns; loaded only where it is shown.
import 'uplot/dist/uPlot.min.css';
import { Box, useMantineColorScheme } from '@mantine/core';
import { useElementSize } from '@mantine/hooks';
import { useEffect, useRef } from 'react';
import uPlot from 'uplot';
import type { EventActivity } from '../questions';
import { chartWords, columnsOf } from './activity';

const HEIGHT = 200;
const DAY_MS = 86_400_000;

export function ActivityChart({ activity, showsNumbers }: { activity: EventActivity; showsNumbers: boolean }) {
  const { ref: frame, width } = useElementSize();
  const target = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | null>(null);
  const { colorScheme } = useMantineColorScheme();
  const { spanMs } = activity;
  const latest = useRef(activity);
  latest.current = activity;

  // biome-ignore lint/correctness/useExhaustiveDependencies: colours are read anew when the scheme changes
  useEffect(() => {
    if (!target.current || width === 0) return;
    const made = new uPlot(options(width, spanMs, showsNumbers), columnsOf(latest.current), target.current);
    plot.current = made;
    return () => {
      made.destroy();
      plot.current = null;
    };
  }, [width, spanMs, showsNumbers, colorScheme]);
  useEffect(() => plot.current?.setData(columnsOf(activity)), [activity]);

  return (
    <Box ref={frame} mih={HEIGHT}>
      <div ref={target} role="img" aria-label={chartWords(activity)} />
    </Box>
  );
}

function options(width: number, spanMs: number, showsNumbers: boolean): uPlot.Options {
  const style = getComputedStyle(document.documentElement);
  const colour = (name: string) => style.getPropertyValue(name).trim();
  const isDark = document.documentElement.dataset.mantineColorScheme === 'dark';
  const strong = colour(isDark ? '--mantine-color-pine-4' : '--mantine-color-pine-7');
  const text = colour('--mantine-color-dimmed');
  const grid = { stroke: colour('--line-faint'), width: 1 };
  const axis = { stroke: text, grid, ticks: grid, font: '12px Inter, system-ui, sans-serif' };
  const bars = uPlot.paths.bars?.({ size: [0.8, 60], align: 1 });
  const series = (label: string, fill: string): uPlot.Series => ({
    label,
    fill,
    stroke: fill,
    width: 0,
    points: { show: false },
    ...(bars ? { paths: bars } : {}),
  });
  return {
    width,
    height: HEIGHT,
    legend: { show: false },
    cursor: { drag: { x: false, y: false }, points: { show: false } },
    scales: {
      y: { range: (_, _low, high) => [0, Math.max(high * 1.1, 4)] },
      x: { range: (_, low, high) => [low, high + spanMs / 1000] },
    },
    ...(spanMs >= DAY_MS ? { tzDate: (seconds: number) => uPlot.tzDate(new Date(seconds * 1000), 'Etc/UTC') } : {}),
    axes: [axis, { ...axis, size: 56, incrs: [1, 2, 5, 10, 20, 50, 100, 200, 500, 1e3, 2e3, 5e3, 1e4, 1e5, 1e6, 1e7] }],
    series: [
      {},
      series('Events', showsNumbers ? colour('--mantine-color-gray-6') : strong),
      ...(showsNumbers ? [series('With a number', strong)] : []),
    ],
  };
}
