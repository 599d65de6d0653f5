// What these pages ask the server.
import { keepPreviousData, queryOptions, useQuery } from '@tanstack/react-query';
import { answered, api, type Schema } from '@/lib/api/client';
import { usePagedList } from '@/lib/paging';
import { filterOf, type ListedMetric, type ListSearch } from './listing';
import type { Hours } from './routes';

export type Metric = Schema<'MetricRep'>;
export type EventKey = Schema<'EventKeyRep'>;
export type EventActivity = Schema<'EventActivityRep'>;

const LIVE_MS = 5_000;

/** The metrics that a list shows, page by page. */
export function useMetrics(projectKey: string, search: ListSearch) {
  const filter = filterOf(search);
  const sort = search.sort ?? 'name';
  return usePagedList<ListedMetric>(['metric', projectKey, 'list', filter, sort], (offset, limit) =>
    answered(
      api.GET('/api/v2/metrics/{projectKey}', {
        params: {
          path: { projectKey },
          query: { filter, sort, offset, limit, expand: 'experimentCount,metricGroupCount' },
        },
      }),
    ),
  );
}

export const metricQuestion = (projectKey: string, metricKey: string) =>
  queryOptions({
    queryKey: ['metric', projectKey, metricKey] as const,
    queryFn: () =>
      answered(
        api.GET('/api/v2/metrics/{projectKey}/{metricKey}', {
          params: {
            path: { projectKey, metricKey },
            query: { expand: 'experiments,experimentCount,metricGroups,metricGroupCount,eventSources' },
          },
        }),
      ),
  });

export const useMetric = (projectKey: string, metricKey: string) => useQuery(metricQuestion(projectKey, metricKey));

/** Keys of events that were seen and contain a text; the most recent first. */
export const useEventKeys = (projectKey: string, environmentKey: string, text: string) =>
  useQuery({
    queryKey: ['event-key', projectKey, environmentKey, text] as const,
    queryFn: async () => {
      const params = { path: { projectKey, environmentKey }, query: { q: text, kind: 'custom', limit: 30 } };
      const at = '/internal/projects/{projectKey}/environments/{environmentKey}/event-keys';
      return (await answered(api.GET(at, { params }))).items;
    },
    placeholderData: keepPreviousData,
    staleTime: LIVE_MS,
  });

interface AboutEvent {
  projectKey: string;
  environmentKey: string;
  eventKey: string;
  kind: string;
  hours: Hours;
}

/** How an event came over time; asked again while somebody looks. */
export const useEventActivity = ({ projectKey, environmentKey, eventKey, kind, hours }: AboutEvent) =>
  useQuery({
    queryKey: ['event-key', projectKey, environmentKey, kind, eventKey, hours] as const,
    queryFn: () =>
      answered(
        api.GET('/internal/projects/{projectKey}/environments/{environmentKey}/event-keys/{eventKey}/activity', {
          params: { path: { projectKey, environmentKey, eventKey }, query: { kind, hours } },
        }),
      ),
    enabled: eventKey !== '',
    placeholderData: keepPreviousData,
    staleTime: LIVE_MS,
    refetchInterval: LIVE_MS,
  });

/** The kinds of context of a project. */
export const useContextKinds = (projectKey: string) =>
  useQuery({
    queryKey: ['context-kind', projectKey, 'all'] as const,
    queryFn: async () => {
      const params = { path: { projectKey } };
      const found = await answered(api.GET('/api/v2/projects/{projectKey}/context-kinds', { params }));
      return found.items.filter(({ archived }) => !archived).map(({ key }) => key);
    },
  });

/** What happened to a metric, newest first. */
export const useHistory = (projectKey: string, metricKey: string) =>
  useQuery({
    queryKey: ['metric', projectKey, metricKey, 'history'] as const,
    queryFn: async () => {
      const query = { spec: `proj/${projectKey}:metric/${metricKey}`, limit: 20 };
      return (await answered(api.GET('/api/v2/auditlog', { params: { query } }))).items;
    },
  });

/** One entry of a metric's history, with what was before and after. */
export const useEntry = (projectKey: string, metricKey: string, id: string) =>
  useQuery({
    queryKey: ['metric', projectKey, metricKey, 'history', id] as const,
    queryFn: () => answered(api.GET('/api/v2/auditlog/{id}', { params: { path: { id } } })),
    staleTime: Number.POSITIVE_INFINITY,
  });
