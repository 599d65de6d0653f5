import { expect, test } from 'vitest';
import type { LiveEvent } from './events';
import { EMPTY_TAPE, HELD_MAX, rate, record, release, SHOWN_MAX } from './tape';

const event = (seq: number): LiveEvent => ({
  seq,
  id: String(seq),
  receivedAt: seq,
  kind: 'custom',
  fate: 'accepted',
  source: { door: 'server' },
});
const some = (from: number, to: number) => Array.from({ length: to - from }, (_, place) => event(from + place));
const live = { isHeld: false, at: 1_000 };

test('the newest events are first, and only so many stay', () => {
  let tape = record(EMPTY_TAPE, { events: some(0, 3), skipped: 0 }, live);
  expect(tape.shown.map(({ seq }) => seq)).toEqual([2, 1, 0]);
  tape = record(tape, { events: some(3, SHOWN_MAX + 2), skipped: 7 }, live);
  expect(tape.shown).toHaveLength(SHOWN_MAX);
  expect(tape.shown[0]?.seq).toBe(SHOWN_MAX + 1);
  expect([tape.last, tape.skipped]).toEqual([String(SHOWN_MAX + 1), 7]);
});

test('nothing moves while somebody reads; what waits is shown in order when they are done', () => {
  const before = record(EMPTY_TAPE, { events: some(0, 2), skipped: 0 }, live);
  const held = record(before, { events: some(2, 4), skipped: 0 }, { isHeld: true, at: 2_000 });
  expect(held.shown).toBe(before.shown);
  expect(held.waiting).toBe(2);
  expect(release(held).shown.map(({ seq }) => seq)).toEqual([3, 2, 1, 0]);
  const resumed = record(held, { events: [event(4)], skipped: 0 }, { isHeld: false, at: 2_100 });
  expect(resumed.shown.map(({ seq }) => seq)).toEqual([4, 3, 2, 1, 0]);
  expect([resumed.waiting, resumed.held.length]).toEqual([0, 0]);
});

test('a long pause costs no more than it may, and still says how much came', () => {
  const held = record(EMPTY_TAPE, { events: some(0, HELD_MAX + 50), skipped: 0 }, { isHeld: true, at: 1 });
  expect(held.held).toHaveLength(HELD_MAX);
  expect(held.waiting).toBe(HELD_MAX + 50);
});

test('the rate counts what was skipped, and forgets after five seconds and what came before', () => {
  let tape = record(EMPTY_TAPE, { events: some(0, 10), skipped: 90 }, { isHeld: false, at: 10_000 });
  tape = record(tape, { events: some(10, 20), skipped: 0 }, { isHeld: true, at: 12_000 });
  tape = record(tape, { events: some(20, 90), skipped: 0 }, { isHeld: false, isBacklog: true, at: 12_000 });
  expect(rate(tape, 12_000)).toBe(22);
  expect(rate(tape, 16_000)).toBe(2);
  expect(rate(tape, 60_000)).toBe(0);
});
