// An environment as it is being edited, and the patch that makes it so.
import type { Schema } from '@/lib/api/client';
import type { Environment } from '@/lib/workspace';

export interface Draft {
  name: string;
  /** Six hexadecimal digits, with a `#` before them. */
  color: string;
  critical: boolean;
  requireComments: boolean;
  confirmChanges: boolean;
  secureMode: boolean;
  defaultTrackEvents: boolean;
  /** Minutes. */
  defaultTtl: number;
  tags: string[];
}

export const NEW_DRAFT: Draft = {
  name: '',
  color: '#2f7de1',
  critical: false,
  requireComments: false,
  confirmChanges: false,
  secureMode: false,
  defaultTrackEvents: false,
  defaultTtl: 0,
  tags: [],
};

export function draftOf(environment: Environment): Draft {
  const { name, critical, requireComments, confirmChanges, secureMode, defaultTrackEvents, defaultTtl, tags } =
    environment;
  return {
    ...{ name, critical, requireComments, confirmChanges, secureMode, defaultTrackEvents, defaultTtl, tags },
    color: `#${environment.color.toLowerCase()}`,
  };
}

/** One replacement for each member that differs: only those need a permission. */
export function patchOf(before: Environment, draft: Draft): { op: string; path: string; value: unknown }[] {
  const was = draftOf(before);
  const names = Object.keys(draft) as (keyof Draft)[];
  return names
    .filter((name) => JSON.stringify(was[name]) !== JSON.stringify(draft[name]))
    .map((name) => ({ op: 'replace', path: `/${name}`, value: stored(name, draft) }));
}

/** What creating an environment sends; with `source` it begins as a copy of another, targeting and all. */
export function postOf(draft: Draft, key: string, source?: string): Schema<'EnvironmentPost'> {
  return { ...draft, key, color: draft.color.slice(1), ...(source ? { source: { key: source } } : {}) };
}

/** Why a draft cannot be saved; nothing where it can. */
export function draftFault(draft: Draft): string | undefined {
  if (!draft.name.trim()) return 'Give it a name.';
  if (!/^#[0-9a-f]{6}$/i.test(draft.color)) return 'Write the colour as # and six hexadecimal digits.';
  if (!Number.isInteger(draft.defaultTtl) || draft.defaultTtl < 0 || draft.defaultTtl > 60) {
    return 'The TTL is a whole number of minutes from 0 to 60.';
  }
  return undefined;
}

function stored(name: keyof Draft, draft: Draft): unknown {
  if (name === 'color') return draft.color.slice(1);
  if (name === 'name') return draft.name.trim();
  return draft[name];
}
