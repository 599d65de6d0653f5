// What an edit of a design amounts to, by how the experiment stands.
import type { Experiment } from './questions';
import { stateOf } from './standing';

export type Editable = 'hypothesis' | 'flag' | 'treatments' | 'unit' | 'metrics' | 'method';

/** How an edit takes effect: in place, in an iteration that replaces the one running, or in the draft of the next. */
export type Effect = 'in place' | 'added' | 'new iteration' | 'next draft';

export function effectOf(experiment: Experiment, what: Editable): Effect {
  const state = stateOf(experiment);
  if (state === 'running') return what === 'metrics' ? 'added' : 'new iteration';
  return state === 'not_started' ? 'in place' : 'next draft';
}

/** Why nothing of this can be edited now. */
export function refusalOf(experiment: Experiment): string | undefined {
  return stateOf(experiment) === 'archived' ? 'This experiment is archived: restore it first' : undefined;
}

export const TITLES: Record<Editable, string> = {
  hypothesis: 'Edit the hypothesis',
  flag: 'Edit the flag and rule',
  treatments: 'Edit the treatments',
  unit: 'Edit the randomization unit',
  metrics: 'Edit the metrics',
  method: 'Edit the method',
};

export const EXPLAINED: Record<Effect, string> = {
  'in place': '',
  added: 'While it runs, metrics can be added, and count from the start. None can be taken away.',
  'new iteration':
    'It is running, so this begins a new iteration: what runs now stops without a winner and keeps its results; counting begins anew.',
  'next draft': 'It has stopped, so this drafts the next iteration. Nothing runs before you start it.',
};

export const VERBS: Record<Effect, string> = {
  'in place': 'Save',
  added: 'Add',
  'new iteration': 'Save and start a new iteration',
  'next draft': 'Draft the next iteration',
};
