// The tabs of a flag's page, as the URL names them.

export const TABS = ['targeting', 'variations', 'explain', 'use', 'history', 'settings'] as const;
export type Tab = (typeof TABS)[number];

export interface TabSearch {
  tab?: Tab;
  /** The context to explain. */
  context?: Record<string, unknown>;
}

/** What the URL carries; anything else in it is ignored. */
export function readTabSearch(search: Record<string, unknown>): TabSearch {
  const tab = TABS.find((each) => each === search.tab);
  const context = objectIn(search.context);
  return {
    ...(tab ? { tab } : {}),
    ...(context ? { context } : {}),
  };
}

/** An object, also where it was put into the URL as text. */
function objectIn(value: unknown): Record<string, unknown> | undefined {
  if (typeof value === 'string') {
    try {
      return objectIn(JSON.parse(value));
    } catch {
      return undefined;
    }
  }
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : undefined;
}
