// An event as the server shows it, and what a person reads of it in a line.
import { counted, figure } from '@/lib/formats';

export interface LiveEvent {
  /** Which arrival it is in this tab: what lists tell events apart by. */
  seq: number;
  /** Rises with time; too long for a number. */
  id: string;
  receivedAt: number;
  kind: string;
  key?: string;
  fate: 'accepted' | 'ignored' | 'rejected';
  reason?: string;
  why?: string;
  source: { door: string; sdk?: string; wrapper?: string };
  createdAt?: number;
  contexts?: { kind: string; key: string; anonymous?: boolean }[];
  evaluations?: Evaluation[];
  metricValue?: number;
  data?: unknown;
  url?: string;
  received?: unknown;
}

export interface Evaluation {
  flag: string;
  variation?: number;
  value?: unknown;
  reason?: { kind?: string; ruleIndex?: number };
  count?: number;
  exposure?: boolean;
}

/** What happened, in a few words. */
export function gist(event: LiveEvent): string {
  if (event.kind === 'request') return 'a request that could not be read';
  if (event.kind === 'summary') return summaryGist(event.evaluations ?? []);
  const first = event.evaluations?.[0];
  if (first) return evaluationGist(first);
  const said = [];
  if (typeof event.metricValue === 'number') said.push(figure(event.metricValue, 8));
  else if (event.metricValue !== undefined) said.push(short(event.metricValue));
  if (event.data !== undefined && event.data !== null) said.push(short(event.data));
  if (event.url) said.push(event.url);
  return said.join(' · ');
}

/** Whom it is about: `user ann, org acme`. */
export function whom(event: LiveEvent): string {
  return (event.contexts ?? []).map(({ kind, key }) => `${kind} ${key}`).join(', ');
}

/** Where it came from, in words. */
export function origin({ door, sdk, wrapper }: LiveEvent['source']): string {
  const through =
    { server: 'server', mobile: 'mobile', client: 'browser', import: 'import', pixel: 'image' }[door] ?? door;
  return [sdk ? `${sdk} (${through})` : through, wrapper].filter(Boolean).join(', ');
}

function evaluationGist({ variation, value, reason, exposure }: Evaluation): string {
  const served = variation === undefined || variation === null ? 'the default' : `variation ${variation}`;
  const shown = value === undefined ? served : `${served} = ${short(value)}`;
  const why = reason?.kind ? ` · ${reasonWords(reason)}` : '';
  return `${shown}${why}${exposure ? ' · counts as an exposure' : ''}`;
}

function summaryGist(evaluations: Evaluation[]): string {
  const times = new Map<string, number>();
  for (const { flag, count = 1 } of evaluations) times.set(flag, (times.get(flag) ?? 0) + count);
  const named = [...times].slice(0, 3).map(([flag, number]) => `${flag} ${counted(number, 'time')}`);
  const more = times.size > 3 ? `, and ${counted(times.size - 3, 'other flag')}` : '';
  return times.size === 0 ? 'no flag was evaluated' : `${named.join(', ')}${more}`;
}

function reasonWords({ kind, ruleIndex }: NonNullable<Evaluation['reason']>): string {
  const words: Record<string, string> = {
    OFF: 'targeting is off',
    FALLTHROUGH: 'default rule',
    TARGET_MATCH: 'individual target',
    RULE_MATCH: ruleIndex === undefined ? 'a rule' : `rule ${ruleIndex + 1}`,
    PREREQUISITE_FAILED: 'a prerequisite was not met',
    ERROR: 'an error',
  };
  return words[kind ?? ''] ?? (kind ?? '').toLowerCase();
}

function short(value: unknown): string {
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return text.length > 80 ? `${text.slice(0, 79)}…` : text;
}
