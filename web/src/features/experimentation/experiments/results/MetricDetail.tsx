// One metric in full: figures, beliefs, how it settled, its data's health, and what was left out.
import { Button, Group, Paper, SimpleGrid, Stack, Text, Title } from '@mantine/core';
import { IconDownload } from '@tabler/icons-react';
import { Beliefs } from './Beliefs';
import { Figures } from './Figures';
import { Health } from './Health';
import { LeftOut } from './LeftOut';
import { OverTime } from './OverTime';
import { bundlePath } from './questions';
import { Slices } from './Slices';
import { type Iteration, type Listed, type Place, type Results, wholeOf } from './shapes';
import { howJudged, isBayesian, smallness } from './wording';

interface Props {
  place: Place;
  iteration: Iteration;
  metric: Listed;
  results: Results;
  attribute: string | undefined;
  onAttribute: (attribute: string | undefined) => void;
}

export function MetricDetail({ place, iteration, metric, results, attribute, onAttribute }: Props) {
  const treatments = wholeOf(results);
  const bundle = bundlePath(place, iteration, metric.key);
  const small = smallness(treatments);
  return (
    <Stack gap="md" component="section" aria-labelledby="metric-in-full">
      <Group justify="space-between" align="flex-start" gap="xs">
        <div>
          <Title order={2} size="h4" id="metric-in-full">
            {metric.name}
          </Title>
          <Text size="sm">{results.verdict.sentence}</Text>
          {small && (
            <Text size="sm" c="dimmed">
              {small}
            </Text>
          )}
        </div>
        <Button
          component="a"
          href={bundle}
          download
          variant="default"
          size="sm"
          leftSection={<IconDownload size={16} aria-hidden />}
        >
          Download to check
        </Button>
      </Group>
      <Paper withBorder p="md">
        <Stack gap="md">
          {isBayesian(results) && <Beliefs results={results} treatments={treatments} />}
          <Figures results={results} treatments={treatments} bundle={bundle} />
          <Text size="xs" c="dimmed">
            {howJudged(results)}
          </Text>
        </Stack>
      </Paper>
      <OverTime place={place} iteration={iteration} metricKey={metric.key} />
      <SimpleGrid cols={{ base: 1, md: 2 }}>
        <Health results={results} bundle={bundle} />
        <LeftOut results={results} />
      </SimpleGrid>
      <Slices key={metric.key} {...{ place, iteration, attribute, onAttribute }} metricKey={metric.key} />
    </Stack>
  );
}
