// Every figure of a treatment, each with its value, its interval, and the formula that explains it.
import { count, figure, percent } from '@/lib/formats';
import type { Question } from './explanation';
import { baselineOf, differenceOf, type Effect, type Results, type Treatment } from './shapes';
import {
  because,
  between,
  chance,
  changed,
  changedWithin,
  isBayesian,
  isShare,
  pValue,
  ranged,
  valued,
} from './wording';

export interface Figure {
  value: string;
  /** The interval, or more about the value. */
  more?: string;
  explained?: Pick<Question, 'figure' | 'method' | 'also' | 'effect'>;
}

export interface FigureRow {
  name: string;
  /** What the figure means, in a sentence. */
  meaning: string;
  figures: (Figure | undefined)[];
}

type Read = (treatment: Treatment, results: Results, baseline: Treatment | undefined) => Figure | undefined;

/** The rows of the table of figures: one to each figure, one figure to each treatment. */
export function figureRows(results: Results, treatments: readonly Treatment[]): FigureRow[] {
  const baseline = baselineOf(treatments);
  const methodology = isBayesian(results) ? BAYESIAN : FREQUENTIST;
  return [...COUNTED, ...methodology]
    .map(([name, meaning, read]) => ({
      name,
      meaning,
      figures: treatments.map((each) => read(each, results, baseline)),
    }))
    .filter((row) => row.figures.some((each) => each !== undefined));
}

const COUNTED: [string, string, Read][] = [
  ['Units', 'How many were exposed to the treatment and are measured.', (each) => ({ value: count(each.units) })],
  ['Events', 'How many events counted.', (each) => ({ value: count(each.events), more: withEvent(each) })],
  ['Observed value', 'The value per unit as it was counted, with its confidence interval.', observed],
];

const LOSS_TOLD_MIN = 0.0001;

const BAYESIAN: [string, string, Read][] = [
  [
    'Believed value',
    'The value once the sample is weighed against a sceptical prior, with its credible interval.',
    believed,
  ],
  ['Difference', 'How much the believed value differs from the baseline’s.', believedDifference],
  ['Probability to be best', 'The probability that this treatment has the best value of all.', best],
  ['Probability to beat the baseline', 'The probability that this treatment is better than the baseline.', beats],
  ['Expected loss', 'What choosing this treatment costs on average if it is the worse one after all.', loss],
];

const FREQUENTIST: [string, string, Read][] = [
  ['Difference', 'How much the value differs from the baseline’s, relatively.', (each) => effect(each, 'relative')],
  [
    'Absolute difference',
    'The difference in the metric’s own unit.',
    (each, results) => effect(each, 'absolute', results),
  ],
  ['p-value', 'How often a difference at least this large would come about by chance alone.', tested],
  ['Corrected p-value', 'The same, made up for how many questions are asked at once.', corrected],
];

function withEvent({ sample }: Treatment): string | undefined {
  return sample?.withEvent === undefined ? undefined : `${count(sample.withEvent)} units with an event`;
}

function observed(treatment: Treatment, results: Results): Figure {
  return {
    value: valued(treatment.dataMean, results),
    more: ranged(treatment.confidenceInterval, results),
    explained: treatment.dataMean === undefined ? undefined : { figure: 'mean', also: 'confidenceInterval' },
  };
}

function believed(treatment: Treatment, results: Results): Figure {
  if (!treatment.distribution) return missing(treatment, 'posterior');
  return {
    value: valued(treatment.mean, results),
    more: ranged(treatment.credibleInterval, results),
    explained: { figure: 'posterior', also: 'credibleInterval' },
  };
}

function believedDifference(treatment: Treatment, _: Results, baseline: Treatment | undefined): Figure | undefined {
  if (treatment.baseline) return undefined;
  const estimate = differenceOf(treatment, baseline);
  if (estimate.value === undefined) return missing(treatment, 'posterior relative difference');
  const explained = { figure: 'relative', method: 'posterior-delta' };
  return { value: changed(estimate), more: changedWithin(estimate), explained };
}

function best(treatment: Treatment): Figure {
  return { value: chance(treatment.pBest), explained: { figure: 'pBest' } };
}

function beats(treatment: Treatment): Figure | undefined {
  if (treatment.pBeatBaseline === undefined) return undefined;
  return { value: chance(treatment.pBeatBaseline), explained: { figure: 'pBeatBaseline' } };
}

function loss({ expectedLoss, expectedLossRelative }: Treatment, results: Results): Figure | undefined {
  if (expectedLoss === undefined) return undefined;
  const isNothing = expectedLossRelative !== undefined && expectedLossRelative < LOSS_TOLD_MIN;
  const relative = isNothing ? `< ${percent(LOSS_TOLD_MIN, 2)}` : percent(expectedLossRelative ?? 0, 2);
  const more = expectedLossRelative === undefined ? undefined : `${relative} of the baseline`;
  return {
    value: isNothing ? 'next to nothing' : written(expectedLoss, results),
    more,
    explained: { figure: 'expectedLoss' },
  };
}

const EFFECTS = { relative: 'relativeDifference', absolute: 'absoluteDifference' } as const;

function effect(treatment: Treatment, scale: keyof typeof EFFECTS, results?: Results): Figure | undefined {
  const found: Effect | undefined = treatment.frequentist?.[EFFECTS[scale]];
  if (!found) return undefined;
  const estimate = { value: found.estimate, lower: found.ci?.lower, upper: found.ci?.upper };
  const explained = { figure: scale, method: found.method, effect: found };
  if (found.estimate === undefined) return { value: 'not known', more: because(found.reason) };
  const within = results ? between(estimate, (end) => written(end, results)) : changedWithin(estimate);
  const more = found.reason ? because(found.reason) : within;
  return { value: results ? written(found.estimate, results) : changed(estimate), more, explained };
}

function tested(treatment: Treatment): Figure | undefined {
  const compared = treatment.frequentist;
  if (!compared) return undefined;
  const found =
    compared.relativeDifference.pValue === undefined ? compared.absoluteDifference : compared.relativeDifference;
  if (compared.pValue === undefined) return { value: 'not known', more: because(found.reason) };
  const scale = found === compared.absoluteDifference ? 'absolute' : 'relative';
  const explained = { figure: scale, method: found.method, effect: found };
  return { value: pValue(compared.pValue), more: `judged at ${figure(compared.alpha, 2)}`, explained };
}

function corrected(treatment: Treatment, results: Results): Figure | undefined {
  const adjusted = treatment.frequentist?.adjustedPValue;
  if (adjusted === undefined) return undefined;
  const method = String(results.settings.multipleComparisonCorrectionMethod ?? '');
  return { value: pValue(adjusted), explained: { figure: 'adjustedPValue', method } };
}

/** A number in the metric's unit; points of percentages for shares. */
function written(value: number, results: Results): string {
  if (isShare(results)) return `${figure(100 * value, 3).replace('-', '−')} points`;
  return valued(value, results);
}

function missing(treatment: Treatment, about: string): Figure {
  return { value: 'not known', more: because(treatment.notes.find((each) => each.about === about)?.reason) };
}
