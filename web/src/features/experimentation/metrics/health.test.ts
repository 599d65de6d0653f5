import { expect, test } from 'vitest';
import { healthOf } from './health';

const NOW = 1_795_435_200_000;
const needs = { isNumeric: true, analysisUnits: ['user'], environmentKey: 'test', isOfPages: false };
const activity = (more: object) => ({
  key: 'paid',
  kind: 'custom',
  spanMs: 3_600_000,
  spans: [],
  events: 10,
  withValue: 10,
  unitKinds: [{ kind: 'user', events: 10 }],
  lastSeen: NOW - 60_000,
  ...more,
});
const tones = (more: object, needed = needs) => healthOf(activity(more), needed, NOW).map(({ tone }) => tone);

test('all is well', () => {
  expect(tones({})).toEqual(['good', 'good', 'good']);
});

test('what never came is the only thing to say', () => {
  const [check, ...others] = healthOf(activity({ lastSeen: undefined, events: 0 }), needs, NOW);
  expect([check?.tone, others]).toEqual(['bad', []]);
  expect(check?.title).toBe('“paid” was never received in test');
});

test('numbers that are missing', () => {
  expect(tones({ withValue: 0 })).toEqual(['good', 'bad', 'good']);
  expect(tones({ withValue: 4 })).toEqual(['good', 'warn', 'good']);
  expect(tones({ withValue: 0 }, { ...needs, isNumeric: false })).toEqual(['good', 'good']);
});

test('events about somebody else', () => {
  const checks = healthOf(activity({ unitKinds: [{ kind: 'device', events: 10 }] }), needs, NOW);
  expect(checks.at(-1)).toMatchObject({ tone: 'bad', title: 'No event names a user, only device' });
  expect(
    tones({
      unitKinds: [
        { kind: 'device', events: 10 },
        { kind: 'user', events: 5 },
      ],
    }).at(-1),
  ).toBe('warn');
});

test('silence', () => {
  expect(tones({ lastSeen: NOW - 3 * 86_400_000, events: 0, withValue: 0, unitKinds: [] })).toEqual(['warn']);
});
