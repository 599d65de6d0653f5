// From a metric as it is to a draft of it: the steps of a JSON patch, only where something differs.
import type { Schema } from '@/lib/api/client';
import { type Draft, draftOf, membersOf } from './draft';

type Metric = Schema<'MetricRep'>;

export interface Step {
  op: 'add' | 'replace' | 'remove';
  path: string;
  value?: unknown;
}

/** Compared with what an untouched draft of the same metric says, so that nothing changes that nobody changed. */
export function patchOf(metric: Metric, draft: Draft): Step[] {
  const untouched = draftOf(metric);
  if (!untouched) return [];
  const before = membersOf(untouched) as Record<string, unknown>;
  const after = membersOf(draft) as Record<string, unknown>;
  const body = metric as unknown as Record<string, unknown>;
  return Object.keys(after).flatMap((name): Step[] => {
    if (JSON.stringify(before[name]) === JSON.stringify(after[name])) return [];
    const path = `/${name}`;
    const isThere = body[name] !== undefined;
    if (after[name] === null) return isThere ? [{ op: 'remove', path }] : [];
    return [{ op: isThere ? 'replace' : 'add', path, value: merged(body[name], after[name]) }];
  });
}

/** Members of an object that this console does not show (a window of a denominator, say) stay as they are. */
function merged(before: unknown, after: unknown): unknown {
  const isObject = (value: unknown) => typeof value === 'object' && value !== null && !Array.isArray(value);
  const keeps = isObject(before) && isObject(after) && 'eventName' in (after as object);
  return keeps ? { ...(before as object), ...(after as object) } : after;
}
