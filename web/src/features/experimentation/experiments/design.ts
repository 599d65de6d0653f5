// What an experiment tests, on whom and how: the form's own words for it, and the API's.
import type { Schema } from '@/lib/api/client';
import { allocations, sharesOf } from './allocation';

export type Methodology = 'bayesian' | 'frequentist';

export interface Treatment {
  variationId: string;
  name: string;
  /** A whole percentage of those in the experiment. */
  share: number;
}

export interface Design {
  hypothesis: string;
  flagKey: string;
  /** A rule's id, or `fallthrough` for the default rule. */
  ruleId: string;
  treatments: Treatment[];
  baselineId: string;
  /** The percentage of the rule's audience that is in the experiment. */
  audience: number;
  /** What those outside get: a variation's id; the baseline's where empty. */
  outsideId: string;
  unit: string;
  metrics: { key: string; isGroup: boolean; name: string }[];
  primaryKey: string;
  methodology: Methodology;
  /** Probability to be best that counts as an answer, in percent. */
  bayesianThreshold: string;
  /** The significance level, in percent. */
  significance: string;
  direction: 'two-sided' | 'one-sided';
  sequential: boolean;
  correction: '' | 'bonferroni' | 'benjamini-hochberg';
  correctionScope: 'variations' | 'metrics' | 'variations-and-metrics';
}

export const DEFAULT_RULE = 'fallthrough';

export const BLANK: Design = {
  hypothesis: '',
  flagKey: '',
  ruleId: DEFAULT_RULE,
  treatments: [],
  baselineId: '',
  audience: 100,
  outsideId: '',
  unit: '',
  metrics: [],
  primaryKey: '',
  methodology: 'bayesian',
  bayesianThreshold: '95',
  significance: '5',
  direction: 'two-sided',
  sequential: true,
  correction: '',
  correctionScope: 'variations',
};

type Iteration = Schema<'IterationRep'>;
type Experiment = Schema<'ExperimentRep'>;
export type IterationInput = Schema<'IterationInput'>;

/** An iteration as it is posted. */
export function iterationOf(design: Design): IterationInput {
  const primary = design.metrics.find((metric) => metric.key === design.primaryKey);
  return {
    hypothesis: design.hypothesis.trim(),
    randomizationUnit: design.unit || null,
    canReshuffleTraffic: true,
    metrics: design.metrics.map(({ key, isGroup }) => ({ key, isGroup })),
    ...(primary?.isGroup ? { primaryFunnelKey: primary.key } : { primarySingleMetricKey: design.primaryKey }),
    treatments: treatmentsOf(design),
    flags: flagsOf(design),
  };
}

export function treatmentsOf(design: Design): Schema<'TreatmentInput'>[] {
  const percents = allocations(
    design.treatments.map((each) => each.share),
    design.audience,
  );
  return design.treatments.map((each, place) => ({
    name: each.name.trim(),
    baseline: each.variationId === design.baselineId,
    allocationPercent: percents[place] ?? '0',
    parameters: [{ flagKey: design.flagKey, variationId: each.variationId }],
  }));
}

export function flagsOf(design: Design): Record<string, Schema<'FlagInput'>> {
  const outside = design.outsideId || design.baselineId;
  return { [design.flagKey]: { ruleId: design.ruleId, notInExperimentVariationId: outside } };
}

/** How results shall be judged; only what the methodology goes by. */
export function analysisOf(design: Design): Schema<'AnalysisConfig'> {
  if (design.methodology === 'bayesian') return { bayesianThreshold: design.bayesianThreshold };
  return {
    significanceThreshold: design.significance,
    testDirection: design.direction,
    sequentialTestingEnabled: design.sequential,
    ...(design.correction
      ? {
          multipleComparisonCorrectionMethod: design.correction,
          multipleComparisonCorrectionScope: design.correctionScope,
        }
      : {}),
  };
}

/** The design of one of an experiment's iterations, as the form shows it. */
export function designOf(experiment: Experiment, iteration: Iteration): Design {
  const [flagKey, flag] = Object.entries(iteration.flags)[0] ?? ['', undefined];
  const treatments = iteration.treatments ?? [];
  const { shares, audience } = sharesOf(treatments.map((each) => each.allocationPercent));
  const config = experiment.analysisConfig ?? {};
  return {
    ...BLANK,
    hypothesis: iteration.hypothesis,
    flagKey,
    ruleId: flag?.targetingRule ?? DEFAULT_RULE,
    treatments: treatments.map((each, place) => ({
      variationId: each._id,
      name: each.name,
      share: shares[place] ?? 0,
    })),
    baselineId: treatments.find((each) => each.baseline)?._id ?? '',
    audience,
    outsideId: flag?.notInExperimentVariationId ?? '',
    unit: iteration.randomizationUnit,
    metrics: iteration.metrics.map((each) => ({ key: each.key, isGroup: each.isGroup ?? false, name: each.name })),
    primaryKey: iteration.primarySingleMetric?.key ?? iteration.primaryFunnel?.key ?? '',
    methodology: experiment.methodology === 'bayesian' ? 'bayesian' : 'frequentist',
    bayesianThreshold: config.bayesianThreshold ?? '90',
    significance: asPercent(config.significanceThreshold),
    direction: config.testDirection === 'one-sided' ? 'one-sided' : 'two-sided',
    sequential: config.sequentialTestingEnabled ?? false,
    correction: config.multipleComparisonCorrectionMethod ?? '',
    correctionScope: config.multipleComparisonCorrectionScope ?? 'variations',
  };
}

/** Clients write five percent as "5" or as "0.05". */
function asPercent(text: string | null | undefined): string {
  const value = Number(text);
  if (!text || !(value > 0)) return '5';
  return value < 1 ? String(Number((value * 100).toFixed(6))) : text;
}

export type FieldUpdate = { operation: 'add' | 'update' | 'remove'; value?: unknown };

/** What must be changed to get from one design to another, in the words of `updateExperimentFields`. */
export function updatesBetween(before: Design, after: Design): Record<string, FieldUpdate> {
  const [old, wanted] = [fieldsOf(before), fieldsOf(after)];
  const changed = Object.keys(wanted).filter((name) => JSON.stringify(old[name]) !== JSON.stringify(wanted[name]));
  return Object.fromEntries(changed.map((name) => [name, { operation: 'update' as const, value: wanted[name] }]));
}

function fieldsOf(design: Design): Record<string, unknown> {
  const { canReshuffleTraffic: _, ...iteration } = iterationOf(design);
  return { ...iteration, methodology: design.methodology, analysisConfig: analysisOf(design) };
}
