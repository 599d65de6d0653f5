// What the address bar says, as pages want it.

/** A text, or undefined where there is none; what looks like a number or a truth was typed as text all the same. */
export function textOf(value: unknown): string | undefined {
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  return typeof value === 'string' && value !== '' ? value : undefined;
}
