// What the page reads from the API, by short names.
import type { Schema } from '@/lib/api/client';

export type Experiment = Schema<'ExperimentRep'>;
export type Iteration = Schema<'IterationRep'>;
export type EveryMetric = Schema<'EveryMetricRep'>;
export type Results = Schema<'ResultsRep'>;
export type Treatment = Schema<'TreatmentResultRep'>;
export type Effect = Schema<'EffectRep'>;
export type Formula = Schema<'FormulaRep'>;
export type Series = Schema<'SeriesRep'>;
export type Range = Schema<'IntervalRep'>;

/** The experiment and environment that the page is about. */
export interface Place {
  projectKey: string;
  environmentKey: string;
  experimentKey: string;
}

/** A metric of the iteration as it is listed. */
export interface Listed {
  key: string;
  name: string;
  isPrimary: boolean;
  eventKey: string;
  isNumeric: boolean;
  /** The key and the name of the metric group it came in. */
  groupKey?: string;
  group?: string;
}

/** An estimate with the ends of its interval; an absent end lies at infinity. */
export interface Estimate {
  value?: number;
  lower?: number;
  upper?: number;
}

/** The treatments of all units; a sliced answer has others. */
export function wholeOf(results: Results): Treatment[] {
  return results.treatmentResults ?? results.results[0]?.treatmentResults ?? [];
}

export function baselineOf(treatments: readonly Treatment[]): Treatment | undefined {
  return treatments.find((each) => each.baseline);
}

/** The relative difference from the baseline, by the experiment's own methodology. */
export function differenceOf(treatment: Treatment, baseline: Treatment | undefined): Estimate {
  const found = treatment.relativeDifferences.find((each) => each.fromTreatmentId === baseline?.treatmentId);
  return { value: found?.value, lower: found?.lower, upper: found?.upper };
}

/** The iterations that have results, newest first. */
export function startedOf(experiment: Experiment): Iteration[] {
  const all = [experiment.currentIteration, ...(experiment.previousIterations ?? [])];
  return all.filter((each): each is Iteration => each?.startedAt !== undefined);
}

/** Every metric of an iteration, the deciding one first, those of a group in its order. */
export function metricsOf(iteration: Iteration): Listed[] {
  const primary = iteration.primarySingleMetric?.key ?? iteration.primaryFunnel?.key ?? iteration.primaryMetric?.key;
  const found = iteration.metrics.flatMap((metric) => {
    const isPrimary = metric.key === primary;
    if (!metric.metrics) return [{ ...listed(metric), isPrimary }];
    return metric.metrics.map((each) => ({
      ...listed(each),
      name: each.nameInGroup || each.name,
      isPrimary,
      groupKey: metric.key,
      group: metric.name,
    }));
  });
  return [...found.filter((each) => each.isPrimary), ...found.filter((each) => !each.isPrimary)];
}

function listed({ key, name, eventKey, isNumeric }: Iteration['metrics'][number]) {
  return { key, name, eventKey: eventKey || key, isNumeric: isNumeric ?? false };
}
