// What can be done to a metric.
import { useAct } from '@/lib/acts';
import { answered, api } from '@/lib/api/client';
import type { Step } from './draft/changes';
import type { MetricPost } from './draft/draft';

export const useCreateMetric = (projectKey: string) =>
  useAct({
    doing: 'create the metric',
    act: (body: MetricPost) =>
      answered(api.POST('/api/v2/metrics/{projectKey}', { params: { path: { projectKey } }, body })),
    done: ({ name }) => `The metric “${name}” is there.`,
    touches: ['metric', 'event-key'],
    quietFailure: true,
  });

export const useChangeMetric = (projectKey: string, metricKey: string) =>
  useAct({
    doing: 'change the metric',
    act: ({ steps, comment }: { steps: Step[]; comment?: string }) =>
      answered(
        api.PATCH('/api/v2/metrics/{projectKey}/{metricKey}', {
          params: { path: { projectKey, metricKey } },
          body: comment ? { patch: steps, comment } : steps,
        }),
      ),
    done: 'The metric is changed.',
    touches: ['metric', 'experiment'],
    quietFailure: true,
  });

export const useDeleteMetric = (projectKey: string, metricKey: string) =>
  useAct({
    doing: 'delete the metric',
    act: () =>
      answered(api.DELETE('/api/v2/metrics/{projectKey}/{metricKey}', { params: { path: { projectKey, metricKey } } })),
    done: 'The metric is deleted.',
    touches: [], // its own page would ask for it once more; the list hears of it as of any change
    quietFailure: true,
  });
