// The values of variations: their kinds, how they are written and read, and what is wrong with them.

export type Kind = 'boolean' | 'string' | 'number' | 'json';

export interface Variation {
  _id?: string;
  value: unknown;
  name?: string | null;
  description?: string | null;
}

export type Typed = { value: unknown } | { problem: string };

/** Which SDK method reads a value. */
export function kindOfValue(value: unknown): Kind {
  if (typeof value === 'boolean') return 'boolean';
  if (typeof value === 'number') return 'number';
  return typeof value === 'string' ? 'string' : 'json';
}

/** The kind of a flag: all its values are of one. */
export function kindOf(variations: readonly Variation[]): Kind {
  return kindOfValue(variations[0]?.value);
}

/** A value as text in a line, cut short where it is long. */
export function shown(value: unknown, most = 60): string {
  const text = typeof value === 'string' ? value || '(empty text)' : (JSON.stringify(value) ?? 'nothing');
  return text.length > most ? `${text.slice(0, most - 1)}…` : text;
}

/** What a variation is called: its name, or else its value. */
export function labelOf(variation: Variation | undefined, index?: number): string {
  if (!variation) return index === undefined ? 'no variation' : `variation ${index} (missing)`;
  return variation.name || shown(variation.value);
}

/** A value as text to edit. */
export function textOf(value: unknown): string {
  if (typeof value === 'string') return value;
  return kindOfValue(value) === 'json' ? JSON.stringify(value, null, 2) : JSON.stringify(value);
}

/** What somebody has typed as a value of a kind. */
export function typed(kind: Kind, text: string): Typed {
  if (kind === 'string') return { value: text };
  if (kind === 'boolean') return { value: text === 'true' };
  if (kind === 'number') return typedNumber(text);
  return typedJson(text);
}

/** What is wrong with each of some values, where something is. */
export function problemsOf(kind: Kind, texts: readonly string[]): (string | undefined)[] {
  const seen = new Map<string, number>();
  return texts.map((text, place) => {
    const read = typed(kind, text);
    if ('problem' in read) return read.problem;
    const identity = canonical(read.value);
    const earlier = seen.get(identity);
    if (earlier !== undefined) return `The same value as variation ${earlier + 1}`;
    seen.set(identity, place);
    return undefined;
  });
}

/** Equal texts for equal JSON, whatever the order of members. */
export function canonical(value: unknown): string {
  return JSON.stringify(value, (_name, each: unknown) =>
    each && typeof each === 'object' && !Array.isArray(each)
      ? Object.fromEntries(Object.entries(each).sort(([one], [other]) => (one < other ? -1 : 1)))
      : each,
  );
}

function typedNumber(text: string): Typed {
  const value = Number(text);
  if (!text.trim() || !Number.isFinite(value)) return { problem: 'A number is needed, such as 10 or 0.5' };
  return { value };
}

function typedJson(text: string): Typed {
  try {
    const value: unknown = JSON.parse(text);
    const kind = kindOfValue(value);
    if (kind !== 'json') return { problem: `This is a ${kind}: a JSON flag holds objects or lists` };
    return { value };
  } catch (cause) {
    return { problem: text.trim() ? `Not valid JSON: ${(cause as Error).message}` : 'JSON is needed, such as {}' };
  }
}
