// How an experiment stands, and which of its iterations is meant.
import type { State } from './listing';
import type { Experiment, Iteration } from './questions';

export function stateOf(experiment: Experiment): State {
  if (experiment.archivedDate) return 'archived';
  if (experiment.currentIteration?.status === 'running') return 'running';
  return experiment.draftIteration ? 'not_started' : 'stopped';
}

/** The iteration that runs, or else the draft, or else the last one. */
export function presentOf(experiment: Experiment): Iteration | undefined {
  if (experiment.currentIteration?.status === 'running') return experiment.currentIteration;
  return experiment.draftIteration ?? experiment.currentIteration;
}

/** All iterations, the newest first; the draft before them. */
export function allOf(experiment: Experiment): Iteration[] {
  const started = [experiment.currentIteration, ...[...(experiment.previousIterations ?? [])].reverse()];
  return [experiment.draftIteration, ...started].filter((each): each is Iteration => each !== undefined);
}
