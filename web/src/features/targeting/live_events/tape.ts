// What is on the screen of a person who watches: the newest events first, bounded, and what waits while they read.
import type { LiveEvent } from './events';

export const SHOWN_MAX = 2_000;
export const HELD_MAX = 2_000;
const RATE_OVER_MS = 5_000;

export interface Tape {
  /** Newest first. */
  shown: LiveEvent[];
  /** Newest first; came while the person held the tape. */
  held: LiveEvent[];
  /** Came while held, also those that are kept no more. */
  waiting: number;
  /** Too many to send, as the server says. */
  skipped: number;
  /** Arrivals of late: when, and how many, with those that were skipped. */
  recent: { at: number; events: number }[];
  /** The last event there was. */
  last?: string;
}

export const EMPTY_TAPE: Tape = { shown: [], held: [], waiting: 0, skipped: 0, recent: [] };

export interface News {
  events: LiveEvent[];
  skipped: number;
}

interface When {
  isHeld: boolean;
  /** It came before anybody watched. */
  isBacklog?: boolean;
  at: number;
}

/** The tape after some news; `events` come oldest first. */
export function record(tape: Tape, { events, skipped }: News, { isHeld, isBacklog, at }: When): Tape {
  const newest = [...events].reverse();
  const arrived = isBacklog ? 0 : events.length + skipped;
  const recent = [...tape.recent, { at, events: arrived }].filter((each) => at - each.at < RATE_OVER_MS);
  const last = newest[0]?.id ?? tape.last;
  const common = { recent, last, skipped: tape.skipped + skipped };
  if (!isHeld) return { ...release(tape, newest), ...common };
  const held = [...newest, ...tape.held].slice(0, HELD_MAX);
  return { ...tape, ...common, held, waiting: tape.waiting + events.length };
}

/** Show what waits. */
export function release(tape: Tape, newest: LiveEvent[] = []): Tape {
  if (newest.length === 0 && tape.held.length === 0) return { ...tape, waiting: 0 };
  const shown = [...newest, ...tape.held, ...tape.shown].slice(0, SHOWN_MAX);
  return { ...tape, shown, held: [], waiting: 0 };
}

/** Events per second of late. */
export function rate(tape: Tape, now: number): number {
  const events = tape.recent.filter(({ at }) => now - at < RATE_OVER_MS).reduce((sum, each) => sum + each.events, 0);
  return events / (RATE_OVER_MS / 1000);
}
