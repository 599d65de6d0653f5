// The metrics of a project: found by name, kind, event and use.
import { Anchor, Button, Group, Stack, Text, VisuallyHidden } from '@mantine/core';
import { IconPlus, IconRuler2 } from '@tabler/icons-react';
import { Link, useNavigate } from '@tanstack/react-router';
import { useMemo } from 'react';
import { Act } from '@/components/Act';
import { Chip } from '@/components/Chip';
import { type Column, DataTable } from '@/components/DataTable';
import { Ago } from '@/components/Moment';
import { Empty, Failure, Waiting } from '@/components/Notices';
import { Page } from '@/components/Page';
import { metric } from '@/lib/addresses';
import { counted } from '@/lib/formats';
import { shapeName } from './draft/shapes';
import { ListFilters } from './ListFilters';
import { isEverything, type ListedMetric, type ListSearch, usedIn } from './listing';
import { metricPath, newMetricPath, type Place } from './paths';
import { useMetrics } from './questions';
import { metricsRoute } from './routes';

const HOUR_MS = 3_600_000;

export function MetricsPage() {
  const place = metricsRoute.useParams();
  const search = metricsRoute.useSearch();
  const navigate = metricsRoute.useNavigate();
  const list = useMetrics(place.projectKey, search);
  const change = (changed: ListSearch) =>
    void navigate({ search: (before) => ({ ...before, ...changed }), replace: true, resetScroll: false });
  const { projectKey, environmentKey } = place;
  const columns = useMemo(() => columnsFor({ projectKey, environmentKey }), [projectKey, environmentKey]);
  const isEmpty = list.total === 0;
  const isNew = isEmpty && isEverything(search);
  return (
    <Page
      title="Metrics"
      description="What you measure your work by: conversions, revenue, speed, clicks. Experiments are decided by them."
      actions={<Create place={place} />}
    >
      {!isNew && <ListFilters search={search} onChange={change} />}
      {list.error && <Failure error={list.error} doing="load the metrics" />}
      {list.isPending && <Waiting what="the metrics" />}
      {isNew && <NoneYet place={place} onShowArchived={() => change({ archived: true })} />}
      {isEmpty && !isNew && (
        <Empty title="No metric fits">
          <Button variant="default" onClick={() => void navigate({ search: {}, replace: true })}>
            Clear the search and filters
          </Button>
        </Empty>
      )}
      {list.total !== undefined && list.total > 0 && (
        <Stack gap="xs">
          <VisuallyHidden role="status">{counted(list.total, 'metric')} found</VisuallyHidden>
          <DataTable
            label="Metrics"
            columns={columns}
            total={list.total}
            rowAt={list.rowAt}
            rowKey={(row) => row.key}
            onShow={list.show}
            sort={search.sort ?? 'name'}
            onSort={(sort) => change({ sort })}
          />
        </Stack>
      )}
    </Page>
  );
}

function columnsFor(place: Place): Column<ListedMetric>[] {
  return [
    {
      key: 'name',
      header: 'Metric',
      width: 'minmax(180px, 2fr)',
      sort: 'name',
      render: (row) => <Name {...{ place, row }} />,
    },
    {
      key: 'shape',
      header: 'Measures',
      width: '130px',
      wideOnly: true,
      render: (row) => <Text size="sm">{shapeName(row)}</Text>,
    },
    {
      key: 'event',
      header: 'Event',
      width: 'minmax(120px, 1.2fr)',
      wideOnly: true,
      render: (row) => <Event row={row} />,
    },
    { key: 'seen', header: 'Last event', width: '120px', render: (row) => <LastSeen row={row} /> },
    {
      key: 'used',
      header: 'Used in',
      width: '150px',
      wideOnly: true,
      render: (row) => <Text size="sm">{usedIn(row) || 'Not used'}</Text>,
    },
    {
      key: 'created',
      header: 'Created',
      width: '130px',
      sort: 'createdAt',
      wideOnly: true,
      render: (row) => (
        <Text size="sm">
          <Ago at={row._creationDate} />
        </Text>
      ),
    },
  ];
}

type Cell = { row: ListedMetric };

function Name({ place, row }: Cell & { place: Place }) {
  return (
    <Stack gap={0}>
      <Group gap={6}>
        <Anchor component={Link} to={metricPath(place, row.key)} fw={600} size="sm">
          {row.name}
        </Anchor>
        {row.archived && <Chip>Archived</Chip>}
      </Group>
      <Group gap={6}>
        <Text size="xs" c="dimmed" ff="monospace">
          {row.key}
        </Text>
        <Tags row={row} />
      </Group>
    </Stack>
  );
}

function Event({ row }: Cell) {
  if (row.kind === 'click') return <Text size="sm">clicks on {row.selector}</Text>;
  if (row.kind === 'pageview') return <Text size="sm">page views</Text>;
  return (
    <Text size="sm" ff="monospace">
      {row.eventKey}
    </Text>
  );
}

function Tags({ row }: Cell) {
  return (
    <Group gap={4}>
      {row.tags.slice(0, 3).map((tag) => (
        <Chip key={tag}>{tag}</Chip>
      ))}
      {row.tags.length > 3 && <Text size="xs">and {row.tags.length - 3} more</Text>}
    </Group>
  );
}

function LastSeen({ row }: Cell) {
  if (row.lastSeen === undefined) return <Chip tone="warn">Never</Chip>;
  // The server tells it to the hour.
  const isOfThisHour = Date.now() - row.lastSeen < HOUR_MS;
  return <Text size="sm">{isOfThisHour ? 'This hour' : <Ago at={row.lastSeen} />}</Text>;
}

function Create({ place }: { place: Place }) {
  const navigate = useNavigate();
  return (
    <Act
      leftSection={<IconPlus size={16} />}
      may={{ action: 'createMetric', resource: metric(place.projectKey, '*') }}
      onClick={() => void navigate({ to: newMetricPath(place) })}
    >
      Create metric
    </Act>
  );
}

function NoneYet({ place, onShowArchived }: { place: Place; onShowArchived: () => void }) {
  return (
    <Empty
      title="No metrics yet"
      icon={<IconRuler2 size={36} />}
      action={
        <Group justify="center">
          <Create place={place} />
          <Button variant="subtle" onClick={onShowArchived}>
            Show archived metrics
          </Button>
        </Group>
      }
    >
      A metric turns events that your code sends into a number to compare: who signed up, how much they bought, how long
      pages took. Begin with the one thing you want more of.
    </Empty>
  );
}
