// Saving what has been edited: one semantic patch with all changes, or nothing.
import { useQueryClient } from '@tanstack/react-query';
import { useAct } from '@/lib/acts';
import { answered, api, SEMANTIC_PATCH } from '@/lib/api/client';
import { counted } from '@/lib/formats';
import { readFlag } from '../questions';
import type { Change } from './model/changes';
import { type Draft, draftOf, sameDraft } from './model/draft';

interface Saving {
  base: Draft;
  changes: Change[];
  comment: string;
}

/** Save changes made upon a base; if that is no longer what the server has, nothing is saved. */
export function useSaveTargeting(projectKey: string, environmentKey: string, flagKey: string, environmentName: string) {
  const client = useQueryClient();
  return useAct<Saving>({
    doing: 'save the changes',
    act: async ({ base, changes, comment }) => {
      const flag = await readFlag(projectKey, flagKey);
      const config = flag.environments?.[environmentKey];
      if (!config || !sameDraft(draftOf(config, flag.variations), base)) {
        client.setQueryData(['flag', projectKey, 'one', flagKey], flag);
        throw new Error(
          'Somebody else has saved changes meanwhile. Nothing of yours is saved yet: look at both first.',
        );
      }
      return answered(
        api.PATCH('/api/v2/flags/{projectKey}/{featureFlagKey}', {
          params: { path: { projectKey, featureFlagKey: flagKey } },
          headers: { 'Content-Type': SEMANTIC_PATCH },
          body: {
            environmentKey,
            instructions: changes.map(({ instruction }) => instruction),
            ...(comment ? { comment } : {}),
          } as never,
        }),
      );
    },
    done: (_, { changes }) => `${counted(changes.length, 'change')} saved in ${environmentName}.`,
    touches: ['flag', 'flag-status'],
    quietFailure: true,
  });
}
