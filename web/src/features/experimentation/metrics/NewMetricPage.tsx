// A new metric, with guidance for every kind.
import { useNavigate, useRouter } from '@tanstack/react-router';
import { Page } from '@/components/Page';
import { metric } from '@/lib/addresses';
import { useCreateMetric } from './acts';
import { postOf } from './draft/draft';
import { afterwards, begun } from './form/beginning';
import { MetricForm } from './form/MetricForm';
import { metricPath, metricsPath } from './paths';
import { newMetricRoute } from './routes';

export function NewMetricPage() {
  const place = newMetricRoute.useParams();
  const beginning = newMetricRoute.useSearch();
  const navigate = useNavigate();
  const router = useRouter();
  const create = useCreateMetric(place.projectKey);
  return (
    <Page
      title="New metric"
      crumbs={[{ label: 'Metrics', to: metricsPath(place) }]}
      description="Say what you want to know; the rest follows from it."
    >
      <MetricForm
        place={place}
        beginning={begun(beginning)}
        isNew
        verb="Create metric"
        may={{ action: 'createMetric', resource: metric(place.projectKey, '*') }}
        onSubmit={async (draft) => {
          const { key } = await create.mutateAsync(postOf(draft));
          if (beginning.then) router.history.push(afterwards(beginning.then, key));
          else await navigate({ to: metricPath(place, key) });
        }}
        onCancel={() =>
          beginning.then ? router.history.push(beginning.then) : void navigate({ to: metricsPath(place) })
        }
      />
    </Page>
  );
}
