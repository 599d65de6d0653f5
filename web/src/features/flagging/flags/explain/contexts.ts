// Contexts to explain: read from what was typed, with examples, and those used lately in this browser.

export type Context = Record<string, unknown>;
export type Read = { context: Context } | { problem: string };

export const RECENT_MAX = 8;

export const EXAMPLES: { label: string; context: Context }[] = [
  { label: 'A user', context: { kind: 'user', key: 'ann', name: 'Ann', email: 'ann@example.com', country: 'AT' } },
  { label: 'Somebody not signed in', context: { kind: 'user', key: 'a1b2c3', anonymous: true } },
  {
    label: 'A user of an organization',
    context: {
      kind: 'multi',
      user: { key: 'ann', email: 'ann@example.com' },
      org: { key: 'acme', plan: 'enterprise' },
    },
  },
  { label: 'A device', context: { kind: 'device', key: 'pixel-7', os: { name: 'Android', version: '16.0.0' } } },
];

/** A context from text; what an SDK would refuse is named. */
export function readContext(text: string): Read {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    return { problem: text.trim() ? `Not valid JSON: ${(cause as Error).message}` : 'Type a context, as JSON' };
  }
  if (!isObject(value)) return { problem: 'A context is a JSON object' };
  const problem = value.kind === 'multi' ? problemOfSeveral(value) : problemOfOne(value.kind, value);
  return problem ? { problem } : { context: value };
}

/** A context as text to edit. */
export function written(context: Context): string {
  return JSON.stringify(context, null, 2);
}

/** Short words for a context: "user ann", "org acme and user ann". */
export function called(context: Context): string {
  if (context.kind !== 'multi') return `${String(context.kind ?? 'user')} ${String(context.key)}`;
  const kinds = Object.keys(context)
    .filter((kind) => kind !== 'kind')
    .sort();
  return kinds.map((kind) => `${kind} ${String((context[kind] as Context).key)}`).join(' and ');
}

/** The contexts used lately, with one more in front. */
export function withRecent(recent: readonly Context[], context: Context): Context[] {
  const text = JSON.stringify(context);
  return [context, ...recent.filter((each) => JSON.stringify(each) !== text)].slice(0, RECENT_MAX);
}

function problemOfSeveral(context: Context): string | undefined {
  const kinds = Object.keys(context).filter((kind) => kind !== 'kind');
  if (kinds.length === 0) return 'A context of several kinds needs at least one: {"kind": "multi", "user": {"key": …}}';
  for (const kind of kinds) {
    const inner = context[kind];
    if (!isObject(inner)) return `“${kind}” must be an object with a key`;
    const problem = problemOfOne(kind, inner);
    if (problem) return problem;
  }
  return undefined;
}

function problemOfOne(kind: unknown, context: Context): string | undefined {
  if (kind !== undefined && (typeof kind !== 'string' || !/^[A-Za-z0-9._-]+$/.test(kind) || kind === 'kind')) {
    return 'The kind must be a word such as “user” or “org”';
  }
  if (typeof context.key !== 'string' || (context.key === '' && kind !== undefined)) {
    return `The ${typeof kind === 'string' ? kind : 'context'} needs a key: a text that is not empty`;
  }
  if (context.anonymous !== undefined && typeof context.anonymous !== 'boolean') {
    return '“anonymous” must be true or false';
  }
  return undefined;
}

function isObject(value: unknown): value is Context {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
