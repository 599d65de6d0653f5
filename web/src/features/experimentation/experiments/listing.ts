// Which experiments a list shows, and in what order.
import type { Schema } from '@/lib/api/client';

export type Brief = Schema<'BriefRep'>;
export const STATES = ['not_started', 'running', 'stopped', 'archived'] as const;
export type State = (typeof STATES)[number];

export interface ListSearch {
  q?: string;
  state?: State;
  metric?: string;
  flag?: string;
  method?: 'bayesian' | 'frequentist';
  /** `name`, `flag`, `metric`, `state`, `started` or `created`; a leading minus turns it round. */
  sort?: string;
}

/** How an experiment stands, as one word. */
export function stateOf(brief: Brief): State {
  return brief.archived ? 'archived' : brief.status;
}

/** What is looked for. Archived experiments show only where they are asked for. */
export function matching(all: readonly Brief[], search: ListSearch): Brief[] {
  const text = search.q?.trim().toLowerCase() ?? '';
  return all.filter((each) => {
    const state = stateOf(each);
    if (search.state ? state !== search.state : state === 'archived') return false;
    if (search.flag && each.flagKey !== search.flag) return false;
    if (search.metric && !each.metricKeys.includes(search.metric)) return false;
    if (search.method && each.methodology !== search.method) return false;
    if (!text) return true;
    const said = [each.name, each.key, each.flagKey, each.flagName, each.metricName, ...each.tags];
    return said.some((part) => part?.toLowerCase().includes(text));
  });
}

const ORDER: Record<State, number> = { running: 0, not_started: 1, stopped: 2, archived: 3 };
const SORTS: Record<string, (brief: Brief) => string | number> = {
  name: (each) => each.name.toLowerCase(),
  flag: (each) => each.flagKey.toLowerCase(),
  metric: (each) => (each.metricName ?? '').toLowerCase(),
  state: (each) => ORDER[stateOf(each)],
  started: (each) => each.startedAt ?? 0,
  created: (each) => each.createdAt,
};

/** In the order asked for; what is equal in it stays newest first. */
export function sorted(found: readonly Brief[], sort = 'state'): Brief[] {
  const by = SORTS[sort.replace(/^-/, '')];
  if (!by) return [...found];
  const sign = sort.startsWith('-') ? -1 : 1;
  return [...found].sort((one, other) => {
    const [a, b] = [by(one), by(other)];
    return a < b ? -sign : a > b ? sign : 0;
  });
}

/** How many there are in each state. */
export function tally(all: readonly Brief[]): Record<State, number> {
  const counts: Record<State, number> = { not_started: 0, running: 0, stopped: 0, archived: 0 };
  for (const each of all) counts[stateOf(each)] += 1;
  return counts;
}

/** Flags and metrics that experiments are about, to filter by. */
export function choices(all: readonly Brief[]): { flags: string[]; metrics: string[] } {
  const flags = new Set(all.map((each) => each.flagKey));
  const metrics = new Set(all.flatMap((each) => each.metricKeys));
  return { flags: [...flags].sort(), metrics: [...metrics].sort() };
}
