// What to do now, and why: one headline from everything the results say.
import { baselineOf, type Results, type Treatment, wholeOf } from './shapes';
import { isBayesian, smallness } from './wording';

export interface Advice {
  tone: 'good' | 'bad' | 'warn' | 'info';
  /** What to do. */
  headline: string;
  /** Why, in the server's words or ours. */
  reason: string;
  /** What to look at, where there is something. */
  next?: string;
}

const ONE_LOOK =
  'This test keeps its promise for one look, at the planned end. Stopping as soon as it says yes makes false alarms more likely; sequential testing would allow it.';

/** Advice from the deciding metric's results; the others may speak against it. */
export function adviceOf(primary: Results, others: readonly Results[]): Advice {
  const { sentence, winningTreatmentId } = primary.verdict;
  const treatments = wholeOf(primary);
  const isRunning = primary.iterationStatus === 'running';
  const broken = brokenOf(primary, isRunning);
  if (broken) return broken;
  if (treatments.every((each) => each.units === 0)) return nobody(sentence, isRunning);
  const small = smallness(treatments);
  const winner = treatments.find((each) => each.treatmentId === winningTreatmentId);
  if (!winner) return undecided(primary, treatments, sentence, isRunning, small);
  if (small) {
    return { tone: 'info', headline: `Wait: “${winner.treatmentName}” leads on too little.`, reason: small };
  }
  const early = isRunning && isOneLook(primary) ? ONE_LOOK : undefined;
  const against = others.filter((each) => losesIn(each, winner));
  if (against.length > 0) return { ...mixed(winner, sentence, against), next: early };
  if (early) return oneLook(winner, sentence);
  if (winner.baseline)
    return { tone: 'good', headline: `Keep “${winner.treatmentName}”, the baseline.`, reason: sentence };
  return { tone: 'good', headline: `Ship “${winner.treatmentName}”.`, reason: sentence };
}

/** No figure may be leant on while the data is in error. */
export function isUntrusted(results: Results): boolean {
  return results.sampleRatio.status === 'error';
}

function brokenOf(primary: Results, isRunning: boolean): Advice | undefined {
  if (isUntrusted(primary)) {
    return {
      tone: 'bad',
      headline: 'Do not decide on these numbers.',
      reason: primary.verdict.sentence,
      next: 'Usual causes: a treatment that fails to load or redirects, exposures sent for only one treatment, bots, or targeting changed while running.',
    };
  }
  const error = primary.health.find((each) => each.status === 'error');
  if (!error || (error.check === 'exposures' && isRunning)) return undefined;
  return { tone: 'bad', headline: 'Mend the data before deciding.', reason: sentenceFrom(error.message) };
}

function nobody(sentence: string, isRunning: boolean): Advice {
  return {
    tone: 'info',
    headline: isRunning ? 'Wait for the first exposures.' : 'Nothing was measured.',
    reason: sentence,
  };
}

function undecided(
  primary: Results,
  treatments: readonly Treatment[],
  sentence: string,
  isRunning: boolean,
  small: string | undefined,
): Advice {
  const verdicts = treatments.map((each) => each.frequentist?.verdict).filter((each) => each !== undefined);
  if (!isBayesian(primary) && verdicts.every((each) => each === 'worse') && !small) {
    const baseline = baselineOf(treatments)?.treatmentName ?? 'the baseline';
    return { tone: 'good', headline: `Keep “${baseline}”, the baseline.`, reason: sentence };
  }
  if (isRunning) return { tone: 'info', headline: 'Keep it running.', reason: sentence, next: small };
  return { tone: 'warn', headline: 'It ended without a verdict.', reason: sentence, next: small };
}

/** A fixed-horizon test keeps its promise for one look, at the end. */
function isOneLook(results: Results): boolean {
  return !isBayesian(results) && results.settings.sequentialTestingEnabled !== true;
}

function oneLook(winner: Treatment, sentence: string): Advice {
  return {
    tone: 'warn',
    headline: `“${winner.treatmentName}” looks better; decide at the planned end.`,
    reason: sentence,
    next: ONE_LOOK,
  };
}

function mixed(winner: Treatment, sentence: string, against: readonly Results[]): Advice {
  const names = against.map((each) => `“${each.metric.name}”`).join(' and ');
  return {
    tone: 'warn',
    headline: `Weigh it up: “${winner.treatmentName}” is better here and worse in ${names}.`,
    reason: sentence,
  };
}

function losesIn(results: Results, winner: Treatment): boolean {
  const same = wholeOf(results).find((each) => each.treatmentId === winner.treatmentId);
  return !isUntrusted(results) && same?.frequentist?.verdict === 'worse';
}

function sentenceFrom(message: string): string {
  return `${message.charAt(0).toUpperCase()}${message.slice(1)}.`;
}
