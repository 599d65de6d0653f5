// The values of a clause, between what is typed and what is meant.
import { operatorOf, type ValueKind } from './operators';

export type Typed = 'text' | 'number' | 'truth' | 'json';

/** What the values of a clause are, as far as the operator leaves a choice. */
export function typeOf(op: string, values: readonly unknown[]): Typed {
  const takes: ValueKind = operatorOf(op, false).takes;
  if (takes === 'number') return 'number';
  if (takes !== 'any' && values.every((each) => typeof each === 'string')) return 'text';
  if (values.length === 0 || values.every((each) => typeof each === 'string')) return 'text';
  if (values.every((each) => typeof each === 'number')) return 'number';
  return values.every((each) => typeof each === 'boolean') ? 'truth' : 'json';
}

/** A value as one types it. */
export function asTyped(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

/** What was typed, as a value; text where it is nothing else. */
export function asMeant(typed: string, type: Typed): unknown {
  const trimmed = typed.trim();
  if (type === 'number' && trimmed && Number.isFinite(Number(trimmed))) return Number(trimmed);
  if (type === 'truth' && (trimmed === 'true' || trimmed === 'false')) return trimmed === 'true';
  if (type === 'json') {
    try {
      return JSON.parse(trimmed) as unknown;
    } catch {
      return trimmed;
    }
  }
  return type === 'text' ? typed : trimmed;
}

/** Values of one type as values of another, as far as they can be. */
export function converted(values: readonly unknown[], type: Typed): unknown[] {
  return values.map((value) => asMeant(asTyped(value), type));
}

/** What is wrong with a value for an operator; nothing where it can be compared. */
export function valueProblem(op: string, value: unknown): string | undefined {
  const takes = operatorOf(op, false).takes;
  if (takes === 'number' && typeof value !== 'number') return `${asTyped(value)} is not a number`;
  if (takes === 'version' && !isVersion(value)) return `${asTyped(value)} is not a version such as 1.2.3`;
  if (takes === 'date' && !isDate(value)) return `${asTyped(value)} is not a date such as 2026-01-31T00:00:00Z`;
  if (takes === 'text' && typeof value !== 'string') return `${asTyped(value)} is not text`;
  return takes === 'pattern' ? patternProblem(value) : undefined;
}

function isVersion(value: unknown): boolean {
  return typeof value === 'string' && /^\d+(\.\d+){0,2}(-[0-9A-Za-z.-]+)?(\+[0-9A-Za-z.-]+)?$/.test(value);
}

/** Milliseconds, or a date with its time zone. */
function isDate(value: unknown): boolean {
  if (typeof value === 'number') return true;
  const shape = /^\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)$/;
  return typeof value === 'string' && shape.test(value) && !Number.isNaN(Date.parse(value));
}

function patternProblem(value: unknown): string | undefined {
  if (typeof value !== 'string') return `${asTyped(value)} is not a pattern`;
  try {
    new RegExp(value);
    return undefined;
  } catch (cause) {
    return `${value} cannot be read as a pattern: ${(cause as Error).message}`;
  }
}
