// What is asked of the audit log: kept in the URL, and sent as the log's own words.
import { textOf } from '@/lib/search';

export interface Filters {
  /** Part of the name of what was changed. */
  q?: string;
  /** The id of a member. */
  who?: string;
  /** A kind of thing. */
  what?: Kind;
  project?: string;
  /** The first and the last day, like `2026-11-23`, in this browser's time zone. */
  from?: string;
  to?: string;
}

export const KINDS = {
  flag: 'Flags',
  metric: 'Metrics',
  experiment: 'Experiments',
  environment: 'Environments',
  project: 'Projects',
  token: 'Access tokens',
  member: 'Members',
  role: 'Roles',
} as const;
export type Kind = keyof typeof KINDS;

/** Kinds that belong to a project. */
const OF_PROJECT: Record<string, (project: string) => string[]> = {
  flag: (project) => [`proj/${project}:env/*:flag/*`],
  metric: (project) => [`proj/${project}:metric/*`, `proj/${project}:metric-group/*`],
  experiment: (project) => [`proj/${project}:env/*:experiment/*`],
  environment: (project) => [`proj/${project}:env/*`],
  project: (project) => [`proj/${project}`],
};

const OF_ACCOUNT: Record<string, string[]> = {
  token: ['member/*:token/*', 'service-token/*'],
  member: ['member/*'],
  role: ['role/*'],
};

/** Filters from whatever the address bar says. */
export function filtersOf(search: Record<string, unknown>): Filters {
  const text = (name: string) => textOf(search[name]);
  const day = (name: string) => (/^\d{4}-\d{2}-\d{2}$/.test(text(name) ?? '') ? text(name) : undefined);
  const what = text('what');
  return {
    q: text('q'),
    who: text('who'),
    what: what !== undefined && what in KINDS ? (what as Kind) : undefined,
    project: text('project'),
    from: day('from'),
    to: day('to'),
  };
}

/** What the log is asked; the last day counts whole. */
export function questionOf(filters: Filters) {
  return {
    q: filters.q,
    member: filters.who,
    spec: specifiers(filters),
    after: filters.from === undefined ? undefined : midnight(filters.from),
    before: filters.to === undefined ? undefined : midnight(filters.to, 1),
  };
}

export function isFiltered(filters: Filters): boolean {
  return Object.values(filters).some((each) => each !== undefined);
}

function specifiers({ what, project }: Filters): string[] | undefined {
  if (what && OF_ACCOUNT[what]) return OF_ACCOUNT[what];
  if (what) return OF_PROJECT[what]?.(project ?? '*');
  if (project) return Object.values(OF_PROJECT).flatMap((of) => of(project));
  return undefined;
}

function midnight(day: string, later = 0): number {
  const [year = 0, month = 1, date = 1] = day.split('-').map(Number);
  return new Date(year, month - 1, date + later).getTime();
}
