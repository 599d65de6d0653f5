// What the list of flags is asked for: read from the URL, and put into the words of the API.

export const STATES = ['live', 'deprecated', 'archived'] as const;
export const TYPES = ['temporary', 'permanent'] as const;
export const SORTS = ['name', 'key', 'creationDate'] as const;
export type State = (typeof STATES)[number];
export type Type = (typeof TYPES)[number];

export interface FlagSearch {
  q?: string;
  /** Joined by commas; a flag must have all of them. */
  tags?: string;
  state?: State;
  type?: Type;
  maintainer?: string;
  /** A sort name, with a leading minus for descending. */
  sort?: string;
  /** The environments whose switches are shown, joined by commas. */
  shown?: string;
  /** The form for a new flag is open. */
  create?: true;
}

/** What the URL carries; anything else in it is ignored. */
export function readFlagSearch(search: Record<string, unknown>): FlagSearch {
  const sort = text(search.sort);
  const found = {
    q: text(search.q),
    tags: text(search.tags),
    state: STATES.find((each) => each === search.state),
    type: TYPES.find((each) => each === search.type),
    maintainer: text(search.maintainer),
    sort: SORTS.some((each) => each === sort?.replace(/^-/, '')) ? sort : undefined,
    shown: text(search.shown),
    create: search.create === true ? true : undefined,
  };
  return Object.fromEntries(Object.entries(found).filter(([, value]) => value !== undefined)) as FlagSearch;
}

/** The API's filter. A search text may hold no comma there, for commas part the terms: each word is looked for. */
export function filterOf(search: FlagSearch): string {
  const words = (search.q ?? '').split(/[,{}[\]]+/).map((each) => each.trim());
  return [
    ...words.filter(Boolean).map((word) => `query:${word}`),
    search.tags && `tags:${listOf(search.tags).join('+')}`,
    `state:${search.state ?? 'live'}`,
    search.type && `type:${search.type}`,
    search.maintainer && `maintainerId:${search.maintainer}`,
  ]
    .filter(Boolean)
    .join(',');
}

/** Whether anything but the order narrows the list. */
export function isNarrowed({ q, tags, state, type, maintainer }: FlagSearch): boolean {
  return Boolean(q || tags || type || maintainer || (state && state !== 'live'));
}

export function listOf(joined: string | undefined): string[] {
  return (joined ?? '').split(',').filter(Boolean);
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' && value ? value : typeof value === 'number' ? String(value) : undefined;
}
