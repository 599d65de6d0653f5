// The tabs of a flag's page, as the URL names them.

export const TABS = ['targeting', 'variations', 'explain', 'use', 'history', 'settings'] as const;
export type Tab = (typeof TABS)[number];

export interface TabSearch {
  tab?: Tab;
  /** The context to explain, as JSON. */
  context?: string;
}

/** What the URL carries; anything else in it is ignored. */
export function readTabSearch(search: Record<string, unknown>): TabSearch {
  const tab = TABS.find((each) => each === search.tab);
  const context = typeof search.context === 'object' ? JSON.stringify(search.context) : search.context;
  return {
    ...(tab ? { tab } : {}),
    ...(typeof context === 'string' && context ? { context } : {}),
  };
}
