// What the page asks: the experiment, each metric's results, and how they came to be.
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { answered, api } from '@/lib/api/client';
import type { Iteration, Place } from './shapes';

const RENEWED_EVERY_MS = 15_000;
/** Each point of the history costs the server a reading of its own, and most of them never change. */
const HISTORY_RENEWED_EVERY_MS = 300_000;
const DAY_MS = 86_400_000;
const RESULTS =
  '/api/v2/projects/{projectKey}/environments/{environmentKey}/experiments/{experimentKey}/metrics/{metricKey}/results';
const EVERYTHING = 'previousIterations,treatments,analysisConfig,secondaryMetrics';

export function useExperiment(place: Place) {
  return useQuery({
    queryKey: ['experiment', place.projectKey, place.environmentKey, place.experimentKey, 'with iterations'],
    queryFn: () =>
      answered(
        api.GET('/api/v2/projects/{projectKey}/environments/{environmentKey}/experiments/{experimentKey}', {
          params: { path: { ...place }, query: { expand: EVERYTHING } },
        }),
      ),
  });
}

/** The results of every metric, all as of one moment; asked again while the iteration runs. */
export function useEveryMetric(place: Place, iteration: Iteration) {
  const { projectKey, ...rest } = place;
  return useQuery({
    queryKey: ['results', projectKey, rest, iteration._id],
    queryFn: () =>
      answered(
        api.GET('/internal/projects/{projectKey}/environments/{environmentKey}/experiments/{experimentKey}/results', {
          params: { path: { ...place }, query: { iterationId: iteration._id, expand: 'traffic' } },
        }),
      ),
    refetchInterval: isRunning(iteration) && RENEWED_EVERY_MS,
  });
}

/** One metric's results by the values of an attribute. */
export function useSlices(place: Place, iteration: Iteration, metricKey: string, attribute: string) {
  const { projectKey, ...rest } = place;
  return useQuery({
    queryKey: ['results', projectKey, rest, iteration._id, metricKey, 'by', attribute],
    queryFn: () =>
      answered(
        api.GET(RESULTS, {
          params: { path: { ...place, metricKey }, query: { iterationId: iteration._id, attribute } },
        }),
      ),
    refetchInterval: isRunning(iteration) && 4 * RENEWED_EVERY_MS,
    placeholderData: keepPreviousData,
  });
}

/** A metric's results at the end of each minute, hour, day or week so far. */
export function useSeries(place: Place, iteration: Iteration, metricKey: string) {
  const { projectKey, ...rest } = place;
  return useQuery({
    queryKey: ['results', projectKey, rest, iteration._id, metricKey, 'series'],
    queryFn: () =>
      answered(
        api.GET(`${RESULTS}/series`, {
          params: {
            path: { ...place, metricKey },
            query: { iterationId: iteration._id, bucket: bucketOf(iteration, Date.now()) },
          },
        }),
      ),
    refetchInterval: isRunning(iteration) && HISTORY_RENEWED_EVERY_MS,
  });
}

/** Where a metric's results are downloaded with all that it takes to work them out anew. */
export function bundlePath(place: Place, iteration: Iteration, metricKey: string): string {
  const [project, environment, experiment, metric] = [
    place.projectKey,
    place.environmentKey,
    place.experimentKey,
    metricKey,
  ].map(encodeURIComponent);
  const at = `/internal/projects/${project}/environments/${environment}/experiments/${experiment}`;
  return `${at}/metrics/${metric}/results/bundle?iterationId=${encodeURIComponent(iteration._id)}`;
}

/** As fine as makes some two hundred points at most. */
function bucketOf({ startedAt = 0, endedAt }: Iteration, now: number): string {
  const days = ((endedAt ?? now) - startedAt) / DAY_MS;
  if (days <= 0.125) return 'minute';
  if (days <= 2) return 'hour';
  return days <= 200 ? 'day' : 'week';
}

function isRunning(iteration: Iteration): boolean {
  return iteration.endedAt === undefined;
}
