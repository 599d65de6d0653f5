// How a treatment stands against the baseline, as a word and as a colour that says no more than the word.
import type { Tone } from '@/components/Chip';
import { isUntrusted } from './advice';
import type { Mark } from './Interval';
import type { Results, Treatment } from './shapes';

interface Standing {
  word: string;
  tone: Tone;
  mark: Mark;
}

const STANDINGS: Record<string, Standing> = {
  better: { word: 'Better', tone: 'good', mark: 'good' },
  worse: { word: 'Worse', tone: 'bad', mark: 'bad' },
  undecided: { word: 'Undecided', tone: 'plain', mark: 'open' },
  collecting: { word: 'Too early', tone: 'info', mark: 'muted' },
  undefined: { word: 'Not known', tone: 'plain', mark: 'muted' },
};
const UNTRUSTED: Standing = { word: 'Not to be trusted', tone: 'bad', mark: 'muted' };
const UNKNOWN: Standing = { word: 'Not known', tone: 'plain', mark: 'muted' };

export function standingOf(treatment: Treatment, results: Results): Standing {
  if (isUntrusted(results)) return UNTRUSTED;
  return STANDINGS[treatment.frequentist?.verdict ?? 'undefined'] ?? UNKNOWN;
}
