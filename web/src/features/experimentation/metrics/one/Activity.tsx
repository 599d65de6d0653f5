// How a metric's event came to this environment: drawn, as a table, and what that says of the metric's health.
import {
  Anchor,
  Box,
  Group,
  Paper,
  SegmentedControl,
  Skeleton,
  Stack,
  Table,
  Text,
  Title,
  UnstyledButton,
} from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { Link } from '@tanstack/react-router';
import { lazy, Suspense } from 'react';
import { Answer } from '@/components/Answer';
import { count, counted, figure } from '@/lib/formats';
import { eventsPath, type Place, problemsPath } from '../paths';
import { type EventActivity, type Metric, useEventActivity } from '../questions';
import { type Hours, metricRoute } from '../routes';
import { spanName } from './activity';
import { Health } from './Health';

const ActivityChart = lazy(async () => ({ default: (await import('./ActivityChart')).ActivityChart }));
const SPANS: { value: string; label: string }[] = [
  { value: '24', label: '24 hours' },
  { value: '168', label: '7 days' },
  { value: '720', label: '30 days' },
];

interface Props {
  place: Place;
  metric: Metric;
  event: { kind: string; eventKey: string };
}

export function Activity({ place, metric, event }: Props) {
  const { hours = 24 } = metricRoute.useSearch();
  const navigate = metricRoute.useNavigate();
  const activity = useEventActivity({ ...place, ...event, hours });
  return (
    <Paper withBorder radius="md" p="md" component="section" aria-label="Activity">
      <Stack gap="md">
        <Group justify="space-between">
          <Title order={2} size="h4">
            Events in {place.environmentKey}
          </Title>
          <SegmentedControl
            aria-label="How far back"
            value={String(hours)}
            onChange={(value) =>
              void navigate({ search: { hours: Number(value) as Hours }, replace: true, resetScroll: false })
            }
            data={SPANS}
          />
        </Group>
        <Answer of={activity} what="the activity">
          {(found) => (
            <>
              <Health activity={found} metric={metric} environmentKey={place.environmentKey} />
              <Chart activity={found} showsNumbers={metric.isNumeric ?? false} />
              <Figures activity={found} metric={metric} />
              <Group gap="lg">
                <Anchor component={Link} size="sm" to={eventsPath(place, event.eventKey)}>
                  Watch them arrive
                </Anchor>
                <Anchor component={Link} size="sm" to={problemsPath(place, event.eventKey)}>
                  See those that are not counted
                </Anchor>
              </Group>
            </>
          )}
        </Answer>
      </Stack>
    </Paper>
  );
}

function Chart({ activity, showsNumbers }: { activity: EventActivity; showsNumbers: boolean }) {
  const [isTable, { toggle }] = useDisclosure();
  return (
    <Stack gap="xs">
      {isTable ? (
        <SpansTable activity={activity} />
      ) : (
        <Suspense fallback={<Skeleton height={200} />}>
          <ActivityChart activity={activity} showsNumbers={showsNumbers} />
        </Suspense>
      )}
      <Group justify="space-between">
        {showsNumbers && !isTable ? <Legend /> : <span />}
        <UnstyledButton onClick={toggle}>
          <Text size="sm" c="var(--mantine-color-anchor)">
            {isTable ? 'Show as a chart' : 'Show as a table'}
          </Text>
        </UnstyledButton>
      </Group>
    </Stack>
  );
}

function Legend() {
  return (
    <Group gap="md">
      {[
        ['with a number', 'light-dark(var(--mantine-color-pine-7), var(--mantine-color-pine-4))'],
        ['without', 'var(--mantine-color-gray-6)'],
      ].map(([label, colour]) => (
        <Group key={label} gap={6}>
          <Box w={12} h={12} bg={colour} style={{ borderRadius: 3 }} aria-hidden />
          <Text size="xs">{label}</Text>
        </Group>
      ))}
    </Group>
  );
}

function SpansTable({ activity: { spans, spanMs } }: { activity: EventActivity }) {
  return (
    <Table.ScrollContainer
      minWidth={300}
      maxHeight={320}
      scrollAreaProps={{ viewportProps: { tabIndex: 0, role: 'region', 'aria-label': 'Events over time, as a table' } }}
    >
      <Table verticalSpacing={4} fz="sm" aria-label="Events over time">
        <Table.Thead>
          <Table.Tr>
            <Table.Th>Since</Table.Th>
            <Table.Th ta="right">Events</Table.Th>
            <Table.Th ta="right">With a number</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {[...spans].reverse().map(({ since, events, withValue }) => (
            <Table.Tr key={since}>
              <Table.Td>{spanName(since, spanMs)}</Table.Td>
              <Table.Td ta="right">{count(events)}</Table.Td>
              <Table.Td ta="right">{count(withValue)}</Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  );
}

function Figures({
  activity: { events, withValue, values, unitKinds },
  metric,
}: {
  activity: EventActivity;
  metric: Metric;
}) {
  const unit = metric.unit ? ` ${metric.unit}` : '';
  return (
    <Text size="sm">
      {counted(events, 'event')}
      {unitKinds.length > 0 &&
        `, about ${unitKinds.map(({ kind, events: times }) => `${kind} (${count(times)})`).join(', ')}`}
      {values &&
        `. ${count(withValue)} with a number: lowest ${figure(values.min)}${unit}, median ${figure(values.median)}${unit}, highest ${figure(values.max)}${unit}`}
      .
    </Text>
  );
}
