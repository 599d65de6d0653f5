// The members in which two JSON documents differ.

export interface Difference {
  /** Like `variations[1].name`. */
  path: string;
  /** Undefined where the member was not there. */
  before: unknown;
  after: unknown;
}

/** Every differing member, as deep as both sides still have the same shape; equal documents give nothing. */
export function differences(before: unknown, after: unknown, path = ''): Difference[] {
  if (same(before, after)) return [];
  if (isRecord(before) && isRecord(after)) {
    const names = [...new Set([...Object.keys(before), ...Object.keys(after)])].sort();
    return names.flatMap((name) => differences(before[name], after[name], path ? `${path}.${name}` : name));
  }
  if (Array.isArray(before) && Array.isArray(after) && before.length === after.length) {
    return before.flatMap((each, place) => differences(each, after[place], `${path}[${place}]`));
  }
  return [{ path: path || '(everything)', before, after }];
}

function same(one: unknown, other: unknown): boolean {
  return one === other || JSON.stringify(one) === JSON.stringify(other);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
