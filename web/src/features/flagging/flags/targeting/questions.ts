// What the targeting editor asks the server besides the flag itself.
import { useQuery } from '@tanstack/react-query';
import { answered, api } from '@/lib/api/client';

export interface RunningExperiment {
  key: string;
  name: string;
  /** The id of the rule it runs on, or `fallthrough`. */
  place: string;
}

/** The experiments that are running on a flag in an environment: they hold on to their rules. */
export function useRunningExperiments(projectKey: string, environmentKey: string, flagKey: string) {
  return useQuery({
    queryKey: ['experiment', projectKey, environmentKey, 'running on', flagKey] as const,
    queryFn: async (): Promise<RunningExperiment[]> => {
      const path = { projectKey, environmentKey };
      const query = { filter: `flagKey:${flagKey},status:running` };
      const found = await answered(
        api.GET('/api/v2/projects/{projectKey}/environments/{environmentKey}/experiments', { params: { path, query } }),
      );
      return found.items.flatMap(({ key, name, currentIteration }) => {
        const place = currentIteration?.flags?.[flagKey]?.targetingRule;
        return place && currentIteration?.status === 'running' ? [{ key, name, place }] : [];
      });
    },
  });
}

/** The kinds of contexts that targeting may speak of. */
export function useContextKinds(projectKey: string): string[] {
  const { data } = useQuery({
    queryKey: ['context-kind', projectKey, 'all'] as const,
    queryFn: async () => {
      const path = { projectKey };
      return (await answered(api.GET('/api/v2/projects/{projectKey}/context-kinds', { params: { path } }))).items;
    },
    staleTime: 60_000,
  });
  const found = (data ?? []).filter((each) => !each.archived && !each.hideInTargeting).map((each) => each.key);
  return found.includes('user') ? found : ['user', ...found];
}

/** Flags whose name or key holds a text: a handful to choose from. */
export function useFlagChoices(projectKey: string, text: string) {
  return useQuery({
    queryKey: ['flag', projectKey, 'choices', text] as const,
    queryFn: async () => {
      const filter = text ? `query:${text.replace(/[,:]/g, ' ')}` : undefined;
      const query = { limit: 20, ...(filter ? { filter } : {}) };
      return (await answered(api.GET('/api/v2/flags/{projectKey}', { params: { path: { projectKey }, query } }))).items;
    },
    placeholderData: (before) => before,
  });
}
