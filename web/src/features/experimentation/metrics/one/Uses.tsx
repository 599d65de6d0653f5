// Where a metric is used: experiments in any environment, and metric groups.
import { Anchor, Group, List, Paper, Stack, Text, Title } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { Chip } from '@/components/Chip';
import { experimentPath, newExperimentPath, type Place } from '../paths';
import type { Metric } from '../questions';

interface Dependent {
  key: string;
  name: string;
  environmentKey: string;
  archivedDate?: number;
}

export function Uses({ place, metric }: { place: Place; metric: Metric }) {
  const experiments = (metric.experiments ?? []) as unknown as Dependent[];
  const groups = (metric.metricGroups ?? []) as unknown as { key: string; name: string }[];
  return (
    <Paper withBorder radius="md" p="md" component="section" aria-label="Used in">
      <Stack gap="sm">
        <Title order={2} size="h4">
          Used in
        </Title>
        {experiments.length === 0 && (
          <Text size="sm" c="dimmed">
            No experiment uses it yet.{' '}
            {!metric.archived && (
              <Anchor component={Link} to={newExperimentPath(place, metric.key)} size="sm" underline="always">
                Plan one
              </Anchor>
            )}
          </Text>
        )}
        {experiments.length > 0 && (
          <List size="sm" spacing={4} listStyleType="none">
            {experiments.map(({ key, name, environmentKey, archivedDate }) => (
              <List.Item key={`${environmentKey} ${key}`}>
                <Group gap={6}>
                  <Anchor component={Link} size="sm" to={experimentPath({ ...place, environmentKey }, key)}>
                    {name}
                  </Anchor>
                  <Text size="sm" c="dimmed">
                    in {environmentKey}
                  </Text>
                  {archivedDate !== undefined && <Chip>Archived</Chip>}
                </Group>
              </List.Item>
            ))}
          </List>
        )}
        {groups.length > 0 && <Text size="sm">Metric groups: {groups.map(({ name }) => name).join(', ')}</Text>}
      </Stack>
    </Paper>
  );
}
