// What has been counted so far: units of each treatment, events of each metric; kept up to date.
import { Card, Group, Progress, Stack, Table, Text, Title } from '@mantine/core';
import { count, counted, percent } from '@/lib/formats';
import type { Readiness } from './questions';
import { colorOf } from './steps/AllocationBar';

export function Counts({ readiness, unit }: { readiness: Readiness; unit: string }) {
  const units = readiness.treatments.reduce((sum, each) => sum + each.units, 0);
  return (
    <Card withBorder radius="md" component="section" aria-labelledby="counted">
      <Stack gap="md">
        <Group justify="space-between">
          <Title order={2} size="h4" id="counted">
            Counted so far
          </Title>
          <Text size="sm" fw={600} role="status">
            {counted(units, `${unit} context`)}
          </Text>
        </Group>
        <Stack gap="xs">
          {readiness.treatments.map((each, place) => (
            <div key={each._id}>
              <Group justify="space-between" gap="xs">
                <Text size="sm">{each.name}</Text>
                <Text size="sm">
                  {count(each.units)}
                  {units > 0 && ` (${percent(each.units / units)})`}
                </Text>
              </Group>
              <Progress
                value={units > 0 ? (each.units / units) * 100 : 0}
                color={colorOf(place)}
                aria-label={`Share of ${each.name}`}
              />
            </div>
          ))}
        </Stack>
        {readiness.metrics.length > 0 && <Events readiness={readiness} />}
        {readiness.sampleSize && (
          <Text size="sm" c="dimmed">
            {readiness.sampleSize.sentence}
          </Text>
        )}
      </Stack>
    </Card>
  );
}

function Events({ readiness }: { readiness: Readiness }) {
  return (
    <Table.ScrollContainer
      minWidth={380}
      scrollAreaProps={{ viewportProps: { tabIndex: 0, role: 'region', 'aria-label': 'Events by treatment' } }}
    >
      <Table>
        <Table.Thead>
          <Table.Tr>
            <Table.Th scope="col">Metric</Table.Th>
            {readiness.treatments.map((each) => (
              <Table.Th key={each._id} scope="col" ta="right">
                {each.name}
              </Table.Th>
            ))}
            <Table.Th scope="col" ta="right">
              Left out
            </Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {readiness.metrics.map((metric) => (
            <Table.Tr key={metric.key}>
              <Table.Th scope="row" fw={500}>
                {metric.name}
                {metric.primary && ' (primary)'}
              </Table.Th>
              {metric.treatments.map((each) => (
                <Table.Td key={each._id} ta="right">
                  {counted(each.events ?? 0, 'event')}
                </Table.Td>
              ))}
              <Table.Td ta="right">{count(metric.leftOut)}</Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  );
}
