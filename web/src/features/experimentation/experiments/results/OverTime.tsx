// How the difference settled: a chart, and the same as a table.
import { Loader, Paper, ScrollArea, SegmentedControl, Stack, Table, Text, Title } from '@mantine/core';
import { lazy, Suspense, useMemo, useState } from 'react';
import { Failure, Waiting } from '@/components/Notices';
import { moment } from '@/lib/formats';
import { type Line, linesOf } from './overTime';
import { useSeries } from './questions';
import classes from './results.module.css';
import type { Iteration, Place } from './shapes';
import { changed, changedWithin } from './wording';

const Chart = lazy(() => import('./OverTimeChart').then((found) => ({ default: found.OverTimeChart })));

interface Props {
  place: Place;
  iteration: Iteration;
  metricKey: string;
}

export function OverTime({ place, iteration, metricKey }: Props) {
  const asked = useSeries(place, iteration, metricKey);
  const [shape, setShape] = useState('chart');
  const { data } = asked;
  const { endedAt } = iteration;
  const lines = useMemo(() => data && linesOf(data, endedAt ?? Date.now()), [data, endedAt]);
  const count = lines?.[0]?.points.length ?? 0;
  return (
    <Paper withBorder p="md" component="section" aria-labelledby="over-time">
      <Stack gap="sm">
        <Title order={3} size="h5" id="over-time">
          How it settled
        </Title>
        <Text size="sm" c="dimmed">
          The difference from the baseline with everything known up to each time. The interval should narrow; a line
          that keeps drifting says that the effect changes, not only the certainty.
        </Text>
        {asked.error && !lines && (
          <Failure error={asked.error} doing="load the chart" onRetry={() => void asked.refetch()} />
        )}
        {!lines && !asked.error && <Waiting what="the chart" lines={4} />}
        {lines && count < 2 && (
          <Text size="sm">
            The chart begins with the second {asked.data?.bucket ?? 'day'}; so far there is one point at most.
          </Text>
        )}
        {lines && count >= 2 && (
          <>
            <SegmentedControl
              size="xs"
              w="fit-content"
              value={shape}
              onChange={setShape}
              data={[
                { value: 'chart', label: 'Chart' },
                { value: 'table', label: 'Table' },
              ]}
              aria-label="Show as"
            />
            {shape === 'table' ? (
              <Points lines={lines} />
            ) : (
              <Suspense fallback={<Loader size="sm" />}>
                <Chart lines={lines} />
              </Suspense>
            )}
          </>
        )}
      </Stack>
    </Paper>
  );
}

function Points({ lines }: { lines: readonly Line[] }) {
  const times = lines[0]?.points.map((each) => each.at) ?? [];
  const name = 'The difference over time';
  return (
    <ScrollArea.Autosize mah={360} viewportProps={{ tabIndex: 0, role: 'region', 'aria-label': name }}>
      <Table verticalSpacing={4} aria-label={name} stickyHeader>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>Up to</Table.Th>
            {lines.map((line) => (
              <Table.Th key={line.treatmentId}>{line.name}</Table.Th>
            ))}
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody className={classes.numbers}>
          {times.map((at, place) => (
            <Table.Tr key={at}>
              <Table.Td>{moment(at)}</Table.Td>
              {lines.map((line) => {
                const estimate = line.points[place] ?? {};
                const within = changedWithin(estimate);
                return (
                  <Table.Td key={line.treatmentId}>
                    {changed(estimate)}
                    {within && <Text component="span" size="xs" c="dimmed">{` (${within})`}</Text>}
                  </Table.Td>
                );
              })}
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </ScrollArea.Autosize>
  );
}
