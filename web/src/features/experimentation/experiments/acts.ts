// What these pages do.
import { useAct } from '@/lib/acts';
import { answered, api, type Schema, SEMANTIC_PATCH } from '@/lib/api/client';
import type { FieldUpdate, IterationInput } from './design';
import type { Place } from './paths';

/** Make an experiment with its first draft. */
export function useCreateExperiment({ projectKey, environmentKey }: Place) {
  return useAct<Schema<'ExperimentPost'>, Schema<'ExperimentRep'>>({
    doing: 'create the experiment',
    act: (body) =>
      answered(
        api.POST('/api/v2/projects/{projectKey}/environments/{environmentKey}/experiments', {
          params: { path: { projectKey, environmentKey } },
          body,
        }),
      ),
    done: (made) => `Created “${made.name}”.`,
    touches: ['experiment', 'metric', 'flag'],
    quietFailure: true,
  });
}

export type Instruction =
  | { kind: 'updateExperimentFields'; value: Record<string, FieldUpdate> }
  | { kind: 'startIteration'; changeJustification?: string }
  | { kind: 'stopIteration'; winningTreatmentId: string; winningReason: string }
  | { kind: 'saveAndStartNewIteration'; changeJustification: string; value: Record<string, FieldUpdate> }
  | { kind: 'archiveExperiment' }
  | { kind: 'restoreExperiment' };

/** Carry out instructions on an experiment; the caller shows why one is refused. */
export function useInstruct({ projectKey, environmentKey }: Place, experimentKey: string) {
  return useAct<{ instructions: Instruction[]; comment?: string; done?: string }>({
    doing: 'change the experiment',
    act: ({ instructions, comment }) =>
      answered(
        api.PATCH('/api/v2/projects/{projectKey}/environments/{environmentKey}/experiments/{experimentKey}', {
          params: { path: { projectKey, environmentKey, experimentKey } },
          body: { instructions, ...(comment ? { comment } : {}) },
          headers: { 'Content-Type': SEMANTIC_PATCH },
        }),
      ),
    done: (_, { done }) => done ?? 'Saved.',
    touches: ['experiment', 'flag', 'results', 'metric'],
    quietFailure: true,
  });
}

/** Draft the next iteration; it takes the place of a draft that is there. */
export function useDraftIteration({ projectKey, environmentKey }: Place, experimentKey: string) {
  return useAct<IterationInput>({
    doing: 'draft an iteration',
    act: (body) =>
      answered(
        api.POST('/api/v2/projects/{projectKey}/environments/{environmentKey}/experiments/{experimentKey}/iterations', {
          params: { path: { projectKey, environmentKey, experimentKey } },
          body,
        }),
      ),
    done: 'Drafted the next iteration. Nothing runs before you start it.',
    touches: ['experiment'],
  });
}

/** Make a flag to test, with targeting on in this environment. */
export function useCreateFlag({ projectKey, environmentKey }: Place) {
  return useAct<Schema<'FlagPost'>, Schema<'FlagRep'>>({
    doing: 'create the flag',
    act: async (body) => {
      const made = await answered(api.POST('/api/v2/flags/{projectKey}', { params: { path: { projectKey } }, body }));
      await turnOn(projectKey, environmentKey, made.key);
      return made;
    },
    done: (made) => `Created the flag “${made.name}” and turned it on in ${environmentKey}.`,
    touches: ['flag'],
    quietFailure: true,
  });
}

/** Let the project randomize by another kind of context; all that it randomizes by are sent together. */
export function useAddUnit(projectKey: string, known: Schema<'RandomizationUnitRep'>[]) {
  return useAct<string>({
    doing: 'add the unit',
    act: (unit) => {
      const units = known.map((each) => ({ randomizationUnit: each.randomizationUnit, default: each.default }));
      return answered(
        api.PUT('/api/v2/projects/{projectKey}/experimentation-settings', {
          params: { path: { projectKey } },
          body: { randomizationUnits: [...units, { randomizationUnit: unit, default: false }] },
        }),
      );
    },
    done: (_, unit) => `This project randomizes by ${unit}, too.`,
    touches: ['experimentation-settings', 'context-kind'],
    quietFailure: true,
  });
}

/** Turn targeting on, so that an experiment can start. */
export function useTurnFlagOn({ projectKey, environmentKey }: Place, flagKey: string) {
  return useAct({
    doing: 'turn the flag on',
    act: () => turnOn(projectKey, environmentKey, flagKey),
    done: `Turned ${flagKey} on in ${environmentKey}.`,
    touches: ['flag', 'experiment'],
  });
}

function turnOn(projectKey: string, environmentKey: string, flagKey: string) {
  return answered(
    api.PATCH('/api/v2/flags/{projectKey}/{featureFlagKey}', {
      params: { path: { projectKey, featureFlagKey: flagKey } },
      body: { environmentKey, instructions: [{ kind: 'turnFlagOn' }] },
      headers: { 'Content-Type': SEMANTIC_PATCH },
    }),
  );
}
