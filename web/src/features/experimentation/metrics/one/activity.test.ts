import { expect, test } from 'vitest';
import { chartWords, columnsOf, eventOf, spanName } from './activity';

const NOON = 1_795_435_200_000; // 2026-11-23T12:00:00Z
const DAY_MS = 86_400_000;
const spans = [
  { since: NOON - DAY_MS / 2 - DAY_MS, events: 3, withValue: 1 },
  { since: NOON - DAY_MS / 2, events: 12, withValue: 12 },
];
const activity = { key: 'paid', kind: 'custom', spanMs: DAY_MS, spans, events: 15, withValue: 13, unitKinds: [] };

test('clicks and page views come under the key of the metric that waits for them', () => {
  expect(eventOf({ kind: 'custom', key: 'revenue', eventKey: 'paid' })).toEqual({ kind: 'custom', eventKey: 'paid' });
  expect(eventOf({ kind: 'click', key: 'buys' })).toEqual({ kind: 'click', eventKey: 'buys' });
  expect(eventOf({ kind: 'trace', key: 'slow' })).toBeNull();
});

test('a chart has a column for each span', () => {
  expect(columnsOf(activity)).toEqual([
    [NOON / 1000 - 129_600, NOON / 1000 - 43_200],
    [3, 12],
    [1, 12],
  ]);
});

test('days are named as days of UTC, wherever the reader is', () => {
  expect(spanName(NOON - DAY_MS / 2, DAY_MS)).toBe('Mon, Nov 23');
});

test('the chart in words', () => {
  expect(chartWords(activity)).toBe('Events per day: 15 in 2 days, most (12) in the day of Mon, Nov 23.');
  expect(chartWords({ ...activity, events: 0, spans: spans.map((each) => ({ ...each, events: 0 })) })).toBe(
    'No events in the last 2 days.',
  );
});
