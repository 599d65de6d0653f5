// Experiments row by row; what one has shown so far is asked for where its row stays in view.
import { Anchor, Skeleton, Stack, Text } from '@mantine/core';
import { useTimeout } from '@mantine/hooks';
import { Link } from '@tanstack/react-router';
import { useMemo, useState } from 'react';
import { type Column, DataTable } from '@/components/DataTable';
import { Ago } from '@/components/Moment';
import { count } from '@/lib/formats';
import { type Brief, stateOf } from './listing';
import { experimentPath, type Place } from './paths';
import { useVerdict } from './questions';
import { StateChip } from './StateChip';

interface Props {
  place: Place;
  rows: Brief[];
  sort: string | undefined;
  onSort: (sort: string) => void;
}

export function ExperimentsTable({ place, rows, sort, onSort }: Props) {
  const { projectKey, environmentKey } = place;
  const columns = useMemo(() => columnsFor({ projectKey, environmentKey }), [projectKey, environmentKey]);
  return (
    <DataTable
      label="Experiments"
      columns={columns}
      total={rows.length}
      rowAt={(at) => rows[at]}
      rowKey={(row) => row.key}
      sort={sort ?? 'state'}
      onSort={onSort}
      rowHeight={68}
    />
  );
}

function columnsFor(place: Place): Column<Brief>[] {
  return [
    {
      key: 'name',
      header: 'Name',
      width: 'minmax(160px, 2fr)',
      sort: 'name',
      render: (row) => <Name place={place} row={row} />,
    },
    {
      key: 'state',
      header: 'Status',
      width: '116px',
      sort: 'state',
      render: (row) => <StateChip state={stateOf(row)} />,
    },
    {
      key: 'flag',
      header: 'Flag',
      width: 'minmax(100px, 1fr)',
      sort: 'flag',
      wideOnly: true,
      render: (row) => (
        <Text size="sm" truncate title={row.flagKey}>
          {row.flagName ?? row.flagKey}
        </Text>
      ),
    },
    {
      key: 'metric',
      header: 'Metric',
      width: 'minmax(100px, 1fr)',
      sort: 'metric',
      wideOnly: true,
      render: (row) => (
        <Text size="sm" truncate title={row.metricKey}>
          {row.metricName ?? '—'}
        </Text>
      ),
    },
    {
      key: 'started',
      header: 'Started',
      width: '120px',
      sort: 'started',
      wideOnly: true,
      render: (row) => (
        <Text size="sm" component="div">
          {row.startedAt ? <Ago at={row.startedAt} /> : 'Not yet'}
        </Text>
      ),
    },
    {
      key: 'shown',
      header: 'Units and verdict so far',
      width: 'minmax(180px, 2fr)',
      wideOnly: true,
      render: (row) => <Shown place={place} row={row} />,
    },
  ];
}

function Name({ place, row }: { place: Place; row: Brief }) {
  return (
    <Stack gap={0} style={{ minWidth: 0 }}>
      <Anchor component={Link} to={experimentPath(place, row.key)} fw={600} style={{ overflowWrap: 'anywhere' }}>
        {row.name}
      </Anchor>
      <Text size="xs" c="dimmed" truncate>
        {row.key}
      </Text>
    </Stack>
  );
}

/** A verdict costs the server some work: only rows that somebody looks at for a moment ask for theirs. */
function Shown({ place, row }: { place: Place; row: Brief }) {
  const [isLooked, setLooked] = useState(false);
  useTimeout(() => setLooked(true), 250, { autoInvoke: true });
  if (!row.startedAt) return <Text size="sm">Nothing yet</Text>;
  if (!row.metricKey) return <Text size="sm">No metric decides</Text>;
  if (!isLooked) return <Skeleton height={14} width="60%" />;
  return <Verdict place={place} row={row} metricKey={row.metricKey} />;
}

function Verdict({ place, row, metricKey }: { place: Place; row: Brief; metricKey: string }) {
  const { data, error } = useVerdict(place, row.key, metricKey);
  if (error) return <Text size="sm">{error.message}</Text>;
  if (!data) return <Skeleton height={14} width="60%" />;
  return (
    <Stack gap={0}>
      <Text size="sm" fw={600}>
        {count(data.units)} {data.units === 1 ? 'unit' : 'units'}
        {row.winner ? `, stopped with “${row.winner}”` : ''}
      </Text>
      <Text size="xs" c="dimmed" lineClamp={2} title={data.sentence}>
        {data.sentence}
      </Text>
    </Stack>
  );
}
