// A formula with a figure's own numbers in the places of its symbols.

import { beliefOf } from './density';
import { quantile } from './normal';
import { baselineOf, type Effect, type Formula, type Results, type Treatment } from './shapes';

const TOKEN = /\{(\w+)\}/g;

/** Which figure of a treatment is asked about. */
export interface Question {
  figure: string;
  /** The method of a comparison, which tells its formula apart. */
  method?: string;
  /** A second figure shown with it, such as its interval. */
  also?: string;
  /** The figure's name and value as shown. */
  name: string;
  shown: string;
  treatment: Treatment;
  effect?: Effect;
}

export interface Explanation {
  formula: Formula;
  /** The lines with symbols, and with numbers in their places. */
  lines: { symbols: string; numbers: string }[];
  inputs: { symbol: string; meaning: string; value: string }[];
}

type Numbers = Record<string, number | string | undefined>;

/** The formula behind a figure, filled in; nothing where the results name none. */
export function explain(
  question: Question,
  results: Results,
  treatments: readonly Treatment[],
): Explanation | undefined {
  const formula = formulaOf(question, results.formulas);
  if (!formula) return undefined;
  const numbers = {
    ...numbersOf(question, results, baselineOf(treatments)),
    ...listsOf(question, results, treatments),
  };
  const symbols = new Map(formula.symbols.map((each) => [each.token, each.symbol]));
  return {
    formula,
    lines: formula.lines.map((line) => ({
      symbols: line.replace(TOKEN, (_, token: string) => symbols.get(token) ?? token),
      numbers: line.replace(TOKEN, (_, token: string) => written(numbers[token]) ?? symbols.get(token) ?? token),
    })),
    inputs: formula.symbols.map(({ token, symbol, meaning }) => ({
      symbol,
      meaning,
      value: written(numbers[token]) ?? 'not known',
    })),
  };
}

function formulaOf({ figure, method, treatment }: Question, formulas: readonly Formula[]): Formula | undefined {
  const those = formulas.filter((each) => each.figure === figure);
  // What is believed of the baseline rests on its sample alone: its formula is another.
  if (figure === 'posterior') return those.find((each) => each.method.endsWith('-flat') === treatment.baseline);
  return those.find((each) => each.method === method) ?? those[0];
}

/** Every number that a formula about this treatment may ask for. */
function numbersOf(
  { figure, treatment, effect }: Question,
  results: Results,
  baseline: Treatment | undefined,
): Numbers {
  const settings = results.settings as Record<string, number | string | boolean | undefined>;
  const level = Number(settings.significanceThreshold ?? 0.05);
  const alpha = effect ? (treatment.frequentist?.alpha ?? level) : level;
  const belief = beliefOf(treatment);
  const believed = baseline && beliefOf(baseline);
  const beta = treatment.bayesianBeta;
  const normal = treatment.bayesianNormal;
  return {
    n: treatment.sample?.n,
    n0: baseline?.sample?.n,
    k: treatment.sample?.withEvent,
    k0: baseline?.sample?.withEvent,
    y: treatment.eventValuesSum,
    x: times(treatment.sample?.denominatorMean, treatment.sample?.n),
    level: treatment.sample?.level,
    m: treatment.dataMean,
    m0: baseline?.dataMean,
    s: treatment.dataStdDev,
    e: treatment.standardError,
    e0: baseline?.standardError,
    z: effect ? reachOf(effect) : criticalOf(treatment, alpha, figure),
    alpha,
    c: Number(settings.bayesianThreshold ?? 0.9),
    d: effect?.estimate,
    se: effect?.standardError,
    nu: effect?.degreesOfFreedom,
    rho: mixtureOf(settings, figure),
    a: treatment.distribution?.parameters.alpha,
    b: treatment.distribution?.parameters.beta,
    pa: beta?.priorAlpha,
    pb: beta?.priorBeta,
    mu: belief?.mean,
    sigma: belief?.spread,
    mu0: believed?.mean,
    sigma0: believed?.spread,
    pm: normal?.priorMean,
    ps: normal?.priorStandardDeviation,
    w: (beta ?? normal)?.dataWeight,
    p: treatment.frequentist?.pValue,
    comparisons: Number(settings.comparisons ?? Number.NaN),
    evidence: effect?.logEValue,
    bayes: results.sampleRatio.logBayesFactor,
    chi: results.sampleRatio.chiSquare,
  };
}

/** What stands for several numbers: beliefs, and units by treatment. */
function listsOf({ treatment }: Question, results: Results, treatments: readonly Treatment[]): Numbers {
  const { observed, expected } = results.sampleRatio;
  const others = treatments.filter((each) => each !== treatment);
  const listed = (units: Record<string, number>) =>
    `(${treatments.map((each) => written(units[each.treatmentId]) ?? '–').join('; ')})`;
  return {
    belief: beliefWritten(treatment),
    belief0: beliefWritten(baselineOf(treatments)),
    others: others.map(beliefWritten).filter(Boolean).join(', ') || undefined,
    observed: listed(observed),
    expected: listed(expected),
  };
}

/** "Beta(12.3; 45.6)" */
function beliefWritten(treatment: Treatment | undefined): string | undefined {
  const belief = treatment?.distribution;
  if (!belief) return undefined;
  const { alpha, beta, mu, sigma } = belief.parameters;
  if (belief.kind === 'beta') return `Beta(${written(alpha)}; ${written(beta)})`;
  return `Normal(${written(mu)}; ${written(sigma)}²)`;
}

/** How many standard errors an effect's interval reaches. */
function reachOf({ estimate, standardError, ci }: Effect): number | undefined {
  if (estimate === undefined || !standardError || !ci) return undefined;
  const reach = ci.upper === undefined ? estimate - (ci.lower ?? estimate) : ci.upper - estimate;
  return reach / standardError;
}

function criticalOf(treatment: Treatment, alpha: number, figure: string): number | undefined {
  if (figure !== 'confidenceInterval') return undefined;
  if (treatment.sample?.kind === 'share') return quantile(1 - alpha / 2);
  const { dataMean, confidenceInterval } = treatment;
  return reachOf({
    method: '',
    estimate: dataMean,
    standardError: treatment.standardError,
    ci: confidenceInterval,
  });
}

/** The mixture's variance per unit that makes an always-valid interval tightest at the units it is tuned for. */
function mixtureOf(
  settings: Record<string, number | string | boolean | undefined>,
  figure: string,
): number | undefined {
  const units = Number(settings.decisionUnits ?? Number.NaN);
  if (Number.isNaN(units)) return undefined;
  const isOneSided = settings.testDirection === 'one-sided' && figure !== 'confidenceInterval';
  const level = Number(settings.significanceThreshold) * (isOneSided ? 2 : 1);
  const rho = -2 * Math.log(level) + Math.log(1 - 2 * Math.log(level));
  return rho / (figure === 'confidenceInterval' ? units / 2 : units);
}

function times(a: number | undefined, b: number | undefined): number | undefined {
  return a === undefined || b === undefined ? undefined : a * b;
}

function written(value: number | string | undefined): string | undefined {
  if (typeof value === 'string') return value;
  if (value === undefined || !Number.isFinite(value)) return undefined;
  if (Number.isInteger(value) && Math.abs(value) < 1e15) return value.toLocaleString('en').replace('-', '−');
  if (value !== 0 && Math.abs(value) < 1e-4) return value.toExponential(3).replace(/-/g, '−');
  return value.toLocaleString('en', { maximumSignificantDigits: 6 }).replace('-', '−');
}
