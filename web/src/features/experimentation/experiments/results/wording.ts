// Figures in words: values, differences, chances, and how much to make of them.
import { change, count, counted, figure, percent } from '@/lib/formats';
import type { Estimate, Range, Results, Treatment } from './shapes';

/** Fewer units, or units with events, than this in a treatment make a small sample. */
const UNITS_FEW = 100;
const EVENTS_FEW = 25;
const P_TOLD_MIN = 0.0001;

/** A value of the metric: a share as a percentage, anything else with its unit. */
export function valued(value: number | undefined, results: Results): string {
  if (value === undefined) return 'not known';
  if (isShare(results)) return percent(value, digitsFor(value));
  const number = amount(value);
  return results.metric.unit ? `${number} ${results.metric.unit}` : number;
}

/** Cents of an amount, and nothing behind the point of a large one. */
function amount(value: number): string {
  const size = Math.abs(value);
  const digits = size >= 1000 ? 0 : size >= 1 ? 2 : undefined;
  if (digits === undefined) return figure(value, 3).replace('-', '−');
  return value.toLocaleString('en', { maximumFractionDigits: digits }).replace('-', '−');
}

export function isShare(results: Results): boolean {
  return results.results.some((slice) => slice.treatmentResults.some((each) => each.sample?.kind === 'share'));
}

/** "19.2% to 22.4%", or what is known of it. */
export function ranged(range: Range | undefined, results: Results): string | undefined {
  if (!range) return undefined;
  return between(range, (end) => valued(end, results));
}

/** "+12.3%", as precise as its interval makes sense of. */
export function changed({ value, lower, upper }: Estimate): string {
  if (value === undefined) return 'not known';
  return change(value, digitsOf(lower, upper));
}

/** "+1.2% to +25.0%"; one-sided intervals have one end. */
export function changedWithin({ lower, upper }: Estimate): string | undefined {
  const digits = digitsOf(lower, upper);
  return between({ lower, upper }, (end) => change(end, digits));
}

/** A probability; never quite certain. */
export function chance(probability: number | undefined): string {
  if (probability === undefined) return 'not known';
  if (probability > 0.999) return '> 99.9%';
  if (probability < 0.001) return '< 0.1%';
  return percent(probability);
}

/** "p = 0.031". */
export function pValue(value: number | undefined): string {
  if (value === undefined) return 'not known';
  return value < P_TOLD_MIN ? `p < ${P_TOLD_MIN}` : `p = ${Number(value.toPrecision(2))}`;
}

export const CORRECTIONS: Record<string, string> = {
  bonferroni: 'Bonferroni',
  holm: 'Holm',
  'benjamini-hochberg': 'Benjamini–Hochberg',
};

/** How sure it is that a treatment is better, in the words of the experiment's methodology. */
export function surety(treatment: Treatment, results: Results): string {
  if (isBayesian(results)) return `${chance(treatment.pBeatBaseline)} to beat the baseline`;
  const compared = treatment.frequentist;
  if (compared?.adjustedPValue === undefined) return pValue(compared?.pValue);
  const method = String(results.settings.multipleComparisonCorrectionMethod ?? '');
  return `${pValue(compared.adjustedPValue)} (${CORRECTIONS[method] ?? method})`;
}

export function isBayesian(results: Results): boolean {
  return results.methodology === 'bayesian';
}

/** What is said of a sample too small to lean on; nothing of a larger one. */
export function smallness(treatments: readonly Treatment[]): string | undefined {
  const units = Math.min(...treatments.map((each) => each.units));
  const events = Math.min(...treatments.map((each) => each.sample?.withEvent ?? each.events));
  if (treatments.length === 0 || (units >= UNITS_FEW && events >= EVENTS_FEW)) return undefined;
  const known = units < UNITS_FEW ? counted(units, 'unit') : counted(events, 'event');
  return `Small sample: as few as ${known} in a treatment. These figures will still move a lot.`;
}

/** "1,204 units, 310 of them with an event" */
export function sampleOf(treatment: Treatment): string {
  const withEvent = treatment.sample?.withEvent;
  const events = withEvent === undefined ? counted(treatment.events, 'event') : `${count(withEvent)} with an event`;
  return `${counted(treatment.units, 'unit')}, ${events}`;
}

const REASONS: Record<string, string> = {
  too_few_units: 'a spread needs at least two units',
  denominator_zero: 'nobody has anything in the denominator',
  zero_variance: 'every unit has the same value, so there is no spread to measure by',
  baseline_not_positive: 'the baseline is not above zero, so nothing can be divided by it',
  baseline_near_zero: 'the baseline is too near zero to be divided by',
  mean_not_positive: 'a logarithm needs both means above zero',
  mean_near_zero: 'a mean is too near zero for a logarithm',
  unbounded: 'the interval has no end at this confidence',
  ranks_out_of_range: 'too few units for an interval of this percentile',
  collecting: 'too early: it takes 100 units and about 25 events in each treatment',
  not_finite: 'the values are too large to compute with',
  no_baseline: 'there is no baseline to compare with',
};

/** Why a number is missing. */
export function because(reason: string | undefined): string {
  return reason ? (REASONS[reason] ?? reason.replaceAll('_', ' ')) : 'nothing has been counted yet';
}

/** A range in words, as far as its ends are known. */
export function between({ lower, upper }: Range, written: (end: number) => string): string | undefined {
  if (lower !== undefined && upper !== undefined) return `${written(lower)} to ${written(upper)}`;
  if (lower !== undefined) return `at least ${written(lower)}`;
  return upper === undefined ? undefined : `at most ${written(upper)}`;
}

/** Digits of a percentage that its interval gives a meaning to. */
function digitsOf(lower: number | undefined, upper: number | undefined): number {
  if (lower === undefined || upper === undefined) return 1;
  const width = Math.abs(upper - lower);
  return width > 0.5 ? 0 : width > 0.02 ? 1 : 2;
}

function digitsFor(share: number): number {
  const size = Math.abs(share);
  return size === 0 || size >= 0.1 ? 1 : size >= 0.001 ? 2 : 4;
}

/** How the experiment judges, in one line. */
export function howJudged(results: Results): string {
  const settings = results.settings as Record<string, number | string | boolean | undefined>;
  const better = settings.successCriteria === 'LowerThanBaseline' ? 'Lower is better' : 'Higher is better';
  if (isBayesian(results)) {
    const threshold = percent(Number(settings.bayesianThreshold ?? 0.9), 0);
    return `${better}. Bayesian: a treatment wins once it is best with ${threshold} probability; intervals hold ${threshold} of the belief.`;
  }
  const looks = settings.sequentialTestingEnabled
    ? 'sequential: valid at every look'
    : 'fixed horizon: valid for one look, at the end';
  const level = percent(Number(settings.significanceThreshold ?? 0.05), 0);
  return `${better}. Frequentist at a significance level of ${level}, ${settings.testDirection}, ${looks}.`;
}
