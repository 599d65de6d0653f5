// One metric: what it measures, whether its events come as they should, and who uses it.
import { Grid, Paper, Stack, Title } from '@mantine/core';
import { Answer } from '@/components/Answer';
import { Chip } from '@/components/Chip';
import { Page } from '@/components/Page';
import { Snippets } from '@/components/Snippets';
import { shapeName } from './draft/shapes';
import { Actions } from './one/Actions';
import { Activity } from './one/Activity';
import { eventOf } from './one/activity';
import { Definition } from './one/Definition';
import { History } from './one/History';
import { Uses } from './one/Uses';
import { metricsPath, type Place } from './paths';
import { type Metric, useMetric } from './questions';
import { metricRoute } from './routes';

export function MetricPage() {
  const { metricKey, ...place } = metricRoute.useParams();
  const found = useMetric(place.projectKey, metricKey);
  const metric = found.data;
  return (
    <Page
      title={metric?.name ?? metricKey}
      crumbs={[{ label: 'Metrics', to: metricsPath(place) }]}
      status={
        metric && (
          <>
            <Chip tone="info">{shapeName(metric)}</Chip>
            {metric.archived && <Chip>Archived</Chip>}
          </>
        )
      }
      description={metric?.description}
      actions={metric && <Actions place={place} metric={metric} />}
    >
      <Answer of={found} what="the metric">
        {(known) => <Whole place={place} metric={known} />}
      </Answer>
    </Page>
  );
}

function Whole({ place, metric }: { place: Place; metric: Metric }) {
  const event = eventOf(metric);
  return (
    <Grid gap="lg">
      <Grid.Col span={{ base: 12, lg: 7 }}>
        <Stack gap="lg">
          {event && <Activity place={place} metric={metric} event={event} />}
          {event && <Code place={place} metric={metric} />}
        </Stack>
      </Grid.Col>
      <Grid.Col span={{ base: 12, lg: 5 }}>
        <Stack gap="lg">
          <Definition metric={metric} />
          <Uses place={place} metric={metric} />
          <History projectKey={place.projectKey} metricKey={metric.key} />
        </Stack>
      </Grid.Col>
    </Grid>
  );
}

function Code({ place, metric }: { place: Place; metric: Metric }) {
  const isOfCode = metric.kind === 'custom';
  return (
    <Paper withBorder radius="md" p="md" component="section" aria-label="Code">
      <Stack gap="sm">
        <Title order={2} size="h4">
          {isOfCode ? 'Send it from your code' : 'Pages report it with an SDK for browsers'}
        </Title>
        <Snippets
          {...place}
          {...(isOfCode && metric.eventKey ? { eventKey: metric.eventKey } : {})}
          isNumeric={metric.isNumeric ?? false}
          contextKind={metric.analysisUnits[0] ?? 'user'}
          onlyPages={!isOfCode}
        />
      </Stack>
    </Paper>
  );
}
