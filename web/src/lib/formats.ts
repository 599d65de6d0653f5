// Numbers and times as people read them.

const WHOLE = new Intl.NumberFormat('en', { maximumFractionDigits: 0 });
const DATE = new Intl.DateTimeFormat('en', { dateStyle: 'medium' });
const MOMENT = new Intl.DateTimeFormat('en', { dateStyle: 'medium', timeStyle: 'short' });
const AGO = new Intl.RelativeTimeFormat('en', { numeric: 'auto' });
const STEPS: [Intl.RelativeTimeFormatUnit, number][] = [
  ['year', 365 * 86_400],
  ['month', 30 * 86_400],
  ['week', 7 * 86_400],
  ['day', 86_400],
  ['hour', 3_600],
  ['minute', 60],
];

/** 12,345 */
export function count(value: number): string {
  return WHOLE.format(value);
}

/** `1 unit`, `2 units`. */
export function counted(value: number, one: string, many = `${one}s`): string {
  return `${count(value)} ${value === 1 ? one : many}`;
}

/** A share of one as a percentage: 0.1234 is 12.3%. */
export function percent(share: number, digits = 1): string {
  return `${(share * 100).toLocaleString('en', { minimumFractionDigits: digits, maximumFractionDigits: digits })}%`;
}

/** A difference as a percentage with its sign: +12.3%, −4.0%. */
export function change(share: number, digits = 1): string {
  return `${share > 0 ? '+' : share < 0 ? '−' : ''}${percent(Math.abs(share), digits)}`;
}

/** A number with as many significant digits as help. */
export function figure(value: number, digits = 4): string {
  if (!Number.isFinite(value)) return String(value);
  return value.toLocaleString('en', { maximumSignificantDigits: digits });
}

/** Oct 3, 2026 */
export function date(milliseconds: number): string {
  return DATE.format(milliseconds);
}

/** Oct 3, 2026, 4:05 PM */
export function moment(milliseconds: number): string {
  return MOMENT.format(milliseconds);
}

/** "3 minutes ago", "in 2 days", "just now". */
export function ago(milliseconds: number, now: number): string {
  const seconds = (milliseconds - now) / 1000;
  const step = STEPS.find(([, length]) => Math.abs(seconds) >= length);
  return step ? AGO.format(Math.round(seconds / step[1]), step[0]) : 'just now';
}

/** A key made from a name: `New checkout!` becomes `new-checkout`, `Überall` becomes `uberall`. */
export function keyFrom(name: string): string {
  return name
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .replace(/[^a-z0-9._-]+/g, '-')
    .replace(/^[^a-z0-9]+|-+$/g, '')
    .slice(0, 256);
}
