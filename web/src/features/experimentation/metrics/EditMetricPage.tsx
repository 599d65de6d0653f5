// A metric changed; what nobody touches stays as it is.
import { Alert } from '@mantine/core';
import { useNavigate } from '@tanstack/react-router';
import { Answer } from '@/components/Answer';
import { Page } from '@/components/Page';
import { metric as address } from '@/lib/addresses';
import { useChangeMetric } from './acts';
import { patchOf } from './draft/changes';
import { draftOf } from './draft/draft';
import { MetricForm } from './form/MetricForm';
import { metricPath, metricsPath, type Place } from './paths';
import { type Metric, useMetric } from './questions';
import { editMetricRoute } from './routes';

export function EditMetricPage() {
  const { metricKey, ...place } = editMetricRoute.useParams();
  const found = useMetric(place.projectKey, metricKey);
  return (
    <Page
      title={`Edit ${found.data?.name ?? metricKey}`}
      crumbs={[
        { label: 'Metrics', to: metricsPath(place) },
        { label: found.data?.name ?? metricKey, to: metricPath(place, metricKey) },
      ]}
    >
      <Answer of={found} what="the metric">
        {(metric) => <Edit key={metric.key} place={place} metric={metric} />}
      </Answer>
    </Page>
  );
}

function Edit({ place, metric }: { place: Place; metric: Metric }) {
  const navigate = useNavigate();
  const changeMetric = useChangeMetric(place.projectKey, metric.key);
  const back = () => navigate({ to: metricPath(place, metric.key) });
  const beginning = draftOf(metric);
  if (!beginning) {
    return <Alert color="gray">This metric is measured outside Flaghoist; change it by the API.</Alert>;
  }
  const running = metric.activeExperimentCount;
  return (
    <>
      {running > 0 && (
        <Alert
          color="orange"
          variant="light"
          title={`${running === 1 ? 'An experiment uses' : `${running} experiments use`} this metric now`}
        >
          Experiments that have started keep the version of the metric they started with. A change counts from the next
          iteration on.
        </Alert>
      )}
      <MetricForm
        place={place}
        beginning={beginning}
        isNew={false}
        verb="Save changes"
        may={{ action: 'updateName', resource: address(place.projectKey, metric.key) }}
        onSubmit={async (draft) => {
          const steps = patchOf(metric, draft);
          if (steps.length > 0) await changeMetric.mutateAsync({ steps });
          await back();
        }}
        onCancel={() => void back()}
      />
    </>
  );
}
