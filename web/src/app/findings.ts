// Flags, experiments and metrics whose names fit what was typed.
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { answered, api } from '@/lib/api/client';

const MOST = 8;

export interface FoundFlag {
  key: string;
  name: string;
  isOn: boolean;
}

export function useFound(projectKey: string, environmentKey: string, subject: string) {
  const flags = useQuery({
    queryKey: ['flag', projectKey, 'found', environmentKey, subject],
    queryFn: async (): Promise<FoundFlag[]> => {
      const query = { limit: MOST, env: environmentKey, summary: true, ...(subject && { filter: pair(subject) }) };
      const params = { path: { projectKey }, query };
      const { items } = await answered(api.GET('/api/v2/flags/{projectKey}', { params }));
      return items.map(({ key, name, environments }) => ({
        key,
        name,
        isOn: environments?.[environmentKey]?.on ?? false,
      }));
    },
    placeholderData: keepPreviousData,
  });
  const metrics = useQuery({
    queryKey: ['metric', projectKey, 'found', subject],
    queryFn: async () => {
      const query = { limit: MOST, filter: `query equals ${JSON.stringify(subject)}` };
      const params = { path: { projectKey }, query };
      return (await answered(api.GET('/api/v2/metrics/{projectKey}', { params }))).items;
    },
    enabled: subject !== '',
    placeholderData: keepPreviousData,
  });
  const experiments = useQuery({
    queryKey: ['experiment', projectKey, 'found', environmentKey],
    queryFn: async () => {
      const params = { path: { projectKey, environmentKey }, query: { limit: 100 } };
      const path = '/api/v2/projects/{projectKey}/environments/{environmentKey}/experiments';
      return (await answered(api.GET(path, { params }))).items;
    },
    enabled: subject !== '',
  });
  const wanted = subject.toLowerCase();
  const isNamed = ({ key, name }: { key: string; name: string }) => `${key} ${name}`.toLowerCase().includes(wanted);
  return {
    flags: flags.data ?? [],
    metrics: subject ? (metrics.data ?? []).filter(isNamed) : [],
    experiments: subject ? (experiments.data ?? []).filter(isNamed).slice(0, MOST) : [],
    isSearching: flags.isFetching || metrics.isFetching,
  };
}

/** A filter on names and keys in the words of the flags' list; what would end the value is left out. */
function pair(subject: string): string {
  return `query:${subject.replace(/[,:]/g, ' ')}`;
}
