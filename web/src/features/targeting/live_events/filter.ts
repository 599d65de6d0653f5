// Which events are wanted: as the URL carries it, and as the server is asked.

import { textOf } from '@/lib/search';

export const KINDS = ['custom', 'feature', 'click', 'pageview', 'identify', 'index', 'summary'] as const;
export type Kind = (typeof KINDS)[number];

export interface Filter {
  /** Kinds joined by commas; all where there is none. */
  kind?: string;
  key?: string;
  /** A text in a context. */
  q?: string;
  problems?: boolean;
}

/** A filter from whatever a URL holds. */
export function filterOf(search: Record<string, unknown>): Filter {
  const kinds = kindsOf({ kind: textOf(search.kind) });
  return {
    kind: kinds.length > 0 ? kinds.join(',') : undefined,
    key: textOf(search.key),
    q: textOf(search.q),
    problems: search.problems === true || search.problems === 'true' ? true : undefined,
  };
}

export function kindsOf(filter: Filter): Kind[] {
  const asked = (filter.kind ?? '').split(',');
  return KINDS.filter((kind) => asked.includes(kind));
}

export function isEverything(filter: Filter): boolean {
  return !filter.kind && !filter.key && !filter.q && !filter.problems;
}

/** The address of the stream; `after` is the last event already shown. */
export function streamUrl(projectKey: string, environmentKey: string, filter: Filter, after?: string): string {
  const query = new URLSearchParams();
  if (filter.kind) query.set('kind', filter.kind);
  if (filter.key) query.set('key', filter.key);
  if (filter.q) query.set('q', filter.q);
  if (filter.problems) query.set('fate', 'rejected,ignored');
  if (after) query.set('after', after);
  const at = `/internal/projects/${encodeURIComponent(projectKey)}/environments/${encodeURIComponent(environmentKey)}`;
  return `${at}/events${query.size > 0 ? `?${query}` : ''}`;
}
