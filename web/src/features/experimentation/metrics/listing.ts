// Which metrics a list shows: as the URL carries it, and as the server is asked.
import type { Schema } from '@/lib/api/client';
import { textOf } from '@/lib/search';

export type ListedMetric = Schema<'MetricListingRep'>;
export const KINDS = ['custom', 'click', 'pageview', 'trace'] as const;
export const KIND_NAMES = { custom: 'Events', click: 'Clicks', pageview: 'Page views', trace: 'Traces' };
export type Kind = (typeof KINDS)[number];

export interface ListSearch {
  q?: string;
  kind?: Kind;
  event?: string;
  tag?: string;
  used?: 'yes' | 'no';
  archived?: boolean;
  /** `name` or `createdAt`; a leading minus turns it round. */
  sort?: string;
}

const SORTS = ['name', '-name', 'createdAt', '-createdAt'];

export function listSearchOf(search: Record<string, unknown>): ListSearch {
  return {
    q: textOf(search.q),
    kind: KINDS.find((kind) => kind === search.kind),
    event: textOf(search.event),
    tag: textOf(search.tag),
    used: search.used === 'yes' || search.used === 'no' ? search.used : undefined,
    archived: search.archived === true ? true : undefined,
    sort: SORTS.find((sort) => sort === search.sort),
  };
}

export function isEverything({ q, kind, event, tag, used, archived }: ListSearch): boolean {
  return !q && !kind && !event && !tag && !used && !archived;
}

/** The filter in the words of the API. */
export function filterOf({ q, kind, event, tag, used, archived }: ListSearch): string {
  const parts = [`archived equals ${archived ?? false}`];
  if (q) parts.push(`query contains ${quoted(q)}`);
  if (kind) parts.push(`eventKind equals ${quoted(kind)}`);
  if (event) parts.push(`eventKeys equals ${quoted(event)}`);
  if (tag) parts.push(`tags anyOf [${quoted(tag)}]`);
  if (used) parts.push(`hasConnections equals ${used === 'yes'}`);
  return parts.join(',');
}

/** Where a metric is used, in words. */
export function usedIn({ experimentCount = 0, activeExperimentCount, metricGroupCount = 0 }: ListedMetric): string {
  const said: string[] = [];
  if (experimentCount > 0) {
    const running = activeExperimentCount > 0 ? ` (${activeExperimentCount} running)` : '';
    said.push(`${experimentCount} ${experimentCount === 1 ? 'experiment' : 'experiments'}${running}`);
  }
  if (metricGroupCount > 0) said.push(`${metricGroupCount} ${metricGroupCount === 1 ? 'group' : 'groups'}`);
  return said.join(', ');
}

function quoted(text: string): string {
  return JSON.stringify(text);
}
