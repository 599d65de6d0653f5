// What people do to flags.
import { useQueryClient } from '@tanstack/react-query';
import { useAct } from '@/lib/acts';
import { answered, api, type Schema, SEMANTIC_PATCH } from '@/lib/api/client';
import type { Operation } from './history/reverting';

export interface Instruction {
  kind: string;
  [parameter: string]: unknown;
}

const ITEM = '/api/v2/flags/{projectKey}/{featureFlagKey}';
const TOUCHED = ['flag'];

interface Turn {
  flagKey: string;
  environmentKey: string;
  environmentName: string;
  on: boolean;
  comment?: string;
}

/** Turn a flag on or off in an environment. */
export function useTurn(projectKey: string) {
  return useAct<Turn>({
    doing: 'turn the flag',
    act: ({ flagKey, environmentKey, on, comment }) =>
      instruct(projectKey, flagKey, [{ kind: on ? 'turnFlagOn' : 'turnFlagOff' }], { environmentKey, comment }),
    done: (_, { flagKey, environmentName, on }) => `${flagKey} is ${on ? 'on' : 'off'} in ${environmentName}.`,
    touches: TOUCHED,
  });
}

/** Create a flag; its page can show it at once, and lists renew themselves behind it. */
export function useCreateFlag(projectKey: string) {
  const client = useQueryClient();
  return useAct<Schema<'FlagPost'>, Schema<'FlagRep'>>({
    doing: 'create the flag',
    act: async (body) => {
      const flag = await answered(api.POST('/api/v2/flags/{projectKey}', { params: { path: { projectKey } }, body }));
      for (const kind of ['flag', 'flag-status']) void client.invalidateQueries({ queryKey: [kind, projectKey] });
      client.setQueryData(['flag', projectKey, 'one', flag.key], flag);
      return flag;
    },
    done: (flag) => `Flag ${flag.key} is created. It is off everywhere.`,
    touches: [],
    quietFailure: true,
  });
}

interface Instructions {
  instructions: Instruction[];
  comment?: string;
}

/** Change what a flag is, in all environments alike. */
export function useChangeFlag(projectKey: string, flagKey: string, doing: string, done: string) {
  return useAct<Instructions>({
    doing,
    act: ({ instructions, comment }) => instruct(projectKey, flagKey, instructions, { comment }),
    done,
    touches: TOUCHED,
    quietFailure: true,
  });
}

interface Patch {
  patch: Operation[];
  comment: string;
}

/** Put a flag back into an earlier state. */
export function useRevert(projectKey: string, flagKey: string) {
  return useAct<Patch>({
    doing: 'revert the flag',
    act: (body) =>
      answered(api.PATCH(ITEM, { params: { path: { projectKey, featureFlagKey: flagKey } }, body: body as never })),
    done: `${flagKey} is back in its earlier state.`,
    touches: TOUCHED,
    quietFailure: true,
  });
}

export function useDeleteFlag(projectKey: string, flagKey: string) {
  return useAct<void>({
    doing: 'delete the flag',
    act: () => answered(api.DELETE(ITEM, { params: { path: { projectKey, featureFlagKey: flagKey } } })),
    done: `Flag ${flagKey} is deleted.`,
    touches: [],
    quietFailure: true,
  });
}

interface Where {
  environmentKey?: string;
  comment?: string;
}

function instruct(
  projectKey: string,
  flagKey: string,
  instructions: Instruction[],
  { environmentKey, comment }: Where,
) {
  return answered(
    api.PATCH(ITEM, {
      params: { path: { projectKey, featureFlagKey: flagKey } },
      headers: { 'Content-Type': SEMANTIC_PATCH },
      body: { instructions, ...(environmentKey ? { environmentKey } : {}), ...(comment ? { comment } : {}) } as never,
    }),
  );
}
