// How an event came over time, ready to be drawn or read.
import type { EventActivity, Metric } from '../questions';

const DAY_MS = 86_400_000;
const HOUR = new Intl.DateTimeFormat('en', { month: 'short', day: 'numeric', hour: '2-digit', minute: '2-digit' });
const DAY = new Intl.DateTimeFormat('en', { weekday: 'short', month: 'short', day: 'numeric', timeZone: 'UTC' });

/** Which event a metric counts; nothing for one that is measured elsewhere. */
export function eventOf(metric: Pick<Metric, 'kind' | 'key' | 'eventKey'>): { kind: string; eventKey: string } | null {
  if (metric.kind === 'trace') return null;
  if (metric.kind === 'custom') return { kind: 'custom', eventKey: metric.eventKey ?? '' };
  return { kind: metric.kind, eventKey: metric.key }; // browsers report it under the metric's own key
}

/** Columns for a chart: seconds, events without a number, events with one. */
export function columnsOf({ spans }: EventActivity): [number[], number[], number[]] {
  return [
    spans.map(({ since }) => since / 1000),
    spans.map(({ events }) => events),
    spans.map(({ withValue }) => withValue),
  ];
}

/** When a span began, as its length allows: days are days of UTC. */
export function spanName(since: number, spanMs: number): string {
  return (spanMs >= DAY_MS ? DAY : HOUR).format(since);
}

/** What the chart shows, for who cannot see it. */
export function chartWords({ spans, spanMs, events }: EventActivity): string {
  const unit = spanMs >= DAY_MS ? 'day' : 'hour';
  const most = spans.reduce((best, each) => (each.events > best.events ? each : best), { since: 0, events: 0 });
  if (events === 0) return `No events in the last ${spans.length} ${unit}s.`;
  return `Events per ${unit}: ${events} in ${spans.length} ${unit}s, most (${most.events}) in the ${unit} of ${spanName(most.since, spanMs)}.`;
}
