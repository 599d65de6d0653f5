// Conditions on events as they are written in a line each, and the filter of the API that they make.
import type { Schema } from '@/lib/api/client';

export interface Condition {
  id: number;
  source: 'eventProperty' | 'contextAttribute';
  attribute: string;
  op: string;
  /** As typed; several values are divided by commas. */
  values: string;
  negate: boolean;
  contextKind: string;
}

interface Node {
  type: string;
  op: string;
  values: unknown[];
  negate?: boolean;
  attribute?: string | null;
  contextKind?: string | null;
}

/** The filter that conditions make; nothing without any. */
export function filterOf(conditions: Condition[], join: 'and' | 'or'): Schema<'EventFilter'> | null {
  if (conditions.length === 0) return null;
  const values = conditions.map(({ source, attribute, op, values: typed, negate, contextKind }) => ({
    type: source,
    attribute: attribute.trim(),
    op,
    values: typedValues(typed),
    negate,
    ...(source === 'contextAttribute' ? { contextKind } : {}),
  }));
  return { type: 'group', op: join, values, negate: false };
}

/** The conditions of a filter, where it is a plain list of them. */
export function conditionsOf(
  filter: Schema<'MetricRep'>['filters'],
): { conditions: Condition[]; join: 'and' | 'or' } | null {
  if (!filter) return { conditions: [], join: 'and' };
  const root = filter as Node;
  const nodes = root.type === 'group' ? (root.values as Node[]) : [root];
  if (root.type === 'group' && (root.negate || nodes.some(({ type }) => type === 'group'))) return null;
  const conditions = nodes.map((node, place) => ({
    id: place + 1,
    source: node.type as Condition['source'],
    attribute: node.attribute ?? '',
    op: node.op,
    values: node.values.map(typedAs).join(', '),
    negate: node.negate ?? false,
    contextKind: node.contextKind ?? 'user',
  }));
  // What would not be read back as it is must not be shown as if it could.
  const readsBack = nodes.every((node, place) => same(typedValues(conditions[place]?.values ?? ''), node.values));
  return readsBack ? { conditions, join: root.op === 'or' ? 'or' : 'and' } : null;
}

/** Values as typed: numbers, true and false are meant as such, quoted ones as text. */
export function typedValues(typed: string): unknown[] {
  return typed
    .split(',')
    .map((each) => each.trim())
    .filter((each) => each !== '')
    .map((each) => {
      if (each === 'true' || each === 'false') return each === 'true';
      if (/^-?\d+(\.\d+)?$/.test(each)) return Number(each);
      return /^".*"$/.test(each) ? each.slice(1, -1) : each;
    });
}

function typedAs(value: unknown): string {
  if (typeof value !== 'string') return String(value);
  return typedValues(value).length === 1 && typedValues(value)[0] === value ? value : `"${value}"`;
}

function same(one: unknown, other: unknown): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}
