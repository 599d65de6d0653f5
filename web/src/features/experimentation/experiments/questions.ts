// What these pages ask the server.
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { answered, api, type Schema } from '@/lib/api/client';
import type { Methodology } from './design';
import type { Place } from './paths';

export type Experiment = Schema<'ExperimentRep'>;
export type Iteration = Schema<'IterationRep'>;
export type Readiness = Schema<'ReadinessRep'>;
export type Flag = Schema<'FlagRep'>;
export type Metric = Schema<'MetricListingRep'>;

const EVERYTHING = 'treatments,draftIteration,previousIterations,secondaryMetrics,analysisConfig,mutableFieldsByStatus';
const COUNTS_EVERY_MS = 4000;
const VERDICT_EVERY_MS = 8000;

/** All experiments of the environment in brief. */
export function useExperiments({ projectKey, environmentKey }: Place) {
  return useQuery({
    queryKey: ['experiment', projectKey, 'all', environmentKey] as const,
    queryFn: async () => {
      const params = { path: { projectKey, environmentKey } };
      const { items } = await answered(
        api.GET('/internal/projects/{projectKey}/environments/{environmentKey}/experiments', { params }),
      );
      return items;
    },
  });
}

/** One experiment with all its iterations. */
export function useExperiment({ projectKey, environmentKey }: Place, experimentKey: string) {
  return useQuery({
    queryKey: ['experiment', projectKey, 'one', environmentKey, experimentKey] as const,
    queryFn: () =>
      answered(
        api.GET('/api/v2/projects/{projectKey}/environments/{environmentKey}/experiments/{experimentKey}', {
          params: { path: { projectKey, environmentKey, experimentKey }, query: { expand: EVERYTHING } },
        }),
      ),
  });
}

/** The check-list with what has been counted; asked again every few seconds while somebody looks. */
export function useReadiness({ projectKey, environmentKey }: Place, experimentKey: string) {
  return useQuery({
    queryKey: ['experiment', projectKey, 'readiness', environmentKey, experimentKey] as const,
    queryFn: () =>
      timed(() =>
        answered(
          api.GET(
            '/internal/projects/{projectKey}/environments/{environmentKey}/experiments/{experimentKey}/readiness',
            {
              params: { path: { projectKey, environmentKey, experimentKey } },
            },
          ),
        ),
      ),
    refetchInterval: ({ state: { data } }) => (data?.status === 'stopped' ? false : pause(COUNTS_EVERY_MS, data)),
    staleTime: 0,
  });
}

/** What the primary metric says so far: its verdict, and the units behind it; asked again while it is watched. */
export function useVerdict(
  { projectKey, environmentKey }: Place,
  experimentKey: string,
  metricKey: string,
  { isWatched = false, isAsked = true }: { isWatched?: boolean; isAsked?: boolean } = {},
) {
  return useQuery({
    queryKey: ['results', projectKey, 'verdict', environmentKey, experimentKey, metricKey] as const,
    queryFn: () =>
      timed(async () => {
        const results = await answered(
          api.GET(
            '/api/v2/projects/{projectKey}/environments/{environmentKey}/experiments/{experimentKey}/metrics/{metricKey}/results',
            {
              params: {
                path: { projectKey, environmentKey, experimentKey, metricKey },
                query: { expand: 'traffic' },
              },
            },
          ),
        );
        const arms = results.treatmentResults ?? [];
        return {
          sentence: results.verdict.sentence,
          winningTreatmentId: results.verdict.winningTreatmentId,
          units: arms.reduce((sum, arm) => sum + (arm.traffic ?? arm.units), 0),
        };
      }),
    enabled: isAsked,
    staleTime: isWatched ? 0 : 60_000,
    refetchInterval: ({ state: { data } }) => (isWatched ? pause(VERDICT_EVERY_MS, data) : false),
  });
}

/** Flags whose name or key has a text in it, the first twenty. */
export function useFlags({ projectKey, environmentKey }: Place, text: string) {
  return useQuery({
    queryKey: ['flag', projectKey, 'to test', environmentKey, text] as const,
    queryFn: async () => {
      const said = plain(text);
      const query = { env: environmentKey, limit: 20, ...(said ? { filter: `query:${said}` } : {}) };
      const { items } = await answered(
        api.GET('/api/v2/flags/{projectKey}', { params: { path: { projectKey }, query } }),
      );
      return items;
    },
    placeholderData: keepPreviousData,
  });
}

/** One flag as it is in this environment. */
export function useFlag({ projectKey, environmentKey }: Place, flagKey: string) {
  return useQuery({
    queryKey: ['flag', projectKey, 'tested', environmentKey, flagKey] as const,
    queryFn: () =>
      answered(
        api.GET('/api/v2/flags/{projectKey}/{featureFlagKey}', {
          params: { path: { projectKey, featureFlagKey: flagKey }, query: { env: environmentKey } },
        }),
      ),
    enabled: flagKey !== '',
  });
}

/** Metrics whose name or key has a text in it, the newest first. */
export function useMetrics(projectKey: string, text: string) {
  return useQuery({
    queryKey: ['metric', projectKey, 'to choose', text] as const,
    queryFn: async () => {
      const said = plain(text);
      const filter = `archived equals false${said ? ` and query equals "${said}"` : ''}`;
      return answered(
        api.GET('/api/v2/metrics/{projectKey}', {
          params: { path: { projectKey }, query: { limit: 50, sort: '-createdAt', filter } },
        }),
      );
    },
    placeholderData: keepPreviousData,
  });
}

/** One metric by its key. */
export function useMetricByKey(projectKey: string, metricKey: string) {
  return useQuery({
    queryKey: ['metric', projectKey, 'chosen', metricKey] as const,
    queryFn: () =>
      answered(api.GET('/api/v2/metrics/{projectKey}/{metricKey}', { params: { path: { projectKey, metricKey } } })),
    enabled: metricKey !== '',
  });
}

/** Metric groups that are funnels: each may decide as a whole. */
export function useFunnels(projectKey: string) {
  return useQuery({
    queryKey: ['metric-group', projectKey, 'funnels'] as const,
    queryFn: async () => {
      const params = { path: { projectKey }, query: { limit: 50 } };
      const { items } = await answered(api.GET('/api/v2/projects/{projectKey}/metric-groups', { params }));
      return items.filter((each) => each.kind === 'funnel');
    },
  });
}

/** The kinds of context that the project randomizes by. */
export function useUnits(projectKey: string) {
  return useQuery({
    queryKey: ['experimentation-settings', projectKey] as const,
    queryFn: async () => {
      const params = { path: { projectKey } };
      const settings = await answered(api.GET('/api/v2/projects/{projectKey}/experimentation-settings', { params }));
      return settings.randomizationUnits;
    },
  });
}

/** The kinds of context that somebody made, or that events have named. */
export function useContextKinds(projectKey: string) {
  return useQuery({
    queryKey: ['context-kind', projectKey, 'to randomize by'] as const,
    queryFn: async () => {
      const params = { path: { projectKey } };
      const { items } = await answered(api.GET('/api/v2/projects/{projectKey}/context-kinds', { params }));
      return items.filter((each) => !each.archived);
    },
  });
}

export interface SizeAsked {
  flagKey: string;
  metricKey: string;
  unit: string;
  allocations: string;
  methodology: Methodology;
  threshold: number;
  testDirection: string;
  sequential: boolean;
  correction: string;
  mean?: number;
  standardDeviation?: number;
  unitsPerDay?: number;
  lift: number;
  power: number;
}

/** How many units it takes, and what traffic has told so far. */
export function useSampleSize({ projectKey, environmentKey }: Place, asked: SizeAsked, enabled: boolean) {
  return useQuery({
    queryKey: ['sample-size', projectKey, environmentKey, asked] as const,
    queryFn: () =>
      answered(
        api.GET('/internal/projects/{projectKey}/environments/{environmentKey}/sample-size', {
          params: { path: { projectKey, environmentKey }, query: asked },
        }),
      ),
    enabled,
    placeholderData: keepPreviousData,
  });
}

/** An answer, and how long the server took over it. */
async function timed<T extends object>(ask: () => Promise<T>): Promise<T & { tookMs: number }> {
  const began = performance.now();
  const answer = await ask();
  return { ...answer, tookMs: performance.now() - began };
}

/** How long to wait before asking again: what takes the server long is asked seldom. */
function pause(leastMs: number, answer: { tookMs: number } | undefined): number {
  return Math.max(leastMs, 10 * (answer?.tookMs ?? 0));
}

/** A text without what filters give a meaning of its own. */
function plain(text: string): string {
  return text
    .trim()
    .replace(/[",:+|\\[\]{}]/g, ' ')
    .trim();
}
