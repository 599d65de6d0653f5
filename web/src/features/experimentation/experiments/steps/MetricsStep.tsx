// What is measured: one metric decides, others are watched.
import { ActionIcon, Alert, Anchor, Button, Checkbox, Group, Paper, Radio, Stack, Text } from '@mantine/core';
import { IconPlus, IconX } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { Answer } from '@/components/Answer';
import { Ago } from '@/components/Moment';
import { SearchField } from '@/components/SearchField';
import { counted } from '@/lib/formats';
import type { Design } from '../design';
import { metricPath, newMetricPath, type Place } from '../paths';
import { type Metric, useFunnels, useMetrics } from '../questions';
import type { StepProps } from './step';

interface Props extends StepProps {
  /** Metrics that must stay, because they are being measured already. */
  kept?: readonly string[];
}

export function MetricsStep({ place, design, change, problems, kept = [] }: Props) {
  return (
    <Stack>
      <Chosen place={place} design={design} change={change} kept={kept} />
      {(problems.metrics ?? problems.primary) && (
        <Alert color="red" variant="light" py="xs" role="alert">
          {problems.metrics ?? problems.primary}
        </Alert>
      )}
      <Offered place={place} design={design} change={change} kept={kept} />
    </Stack>
  );
}

type Part = { place: Place; design: Design; change: (next: Partial<Design>) => void; kept: readonly string[] };

function Chosen({ place, design, change, kept }: Part) {
  if (design.metrics.length === 0)
    return <Text size="sm">No metric chosen yet. The first one you choose decides.</Text>;
  return (
    <Radio.Group
      label="Chosen"
      description="The primary metric decides. Watch the others for harm, and for reasons; each further metric raises the odds that one looks good by luck."
      value={design.primaryKey}
      onChange={(primaryKey) => kept.length === 0 && change({ primaryKey })}
    >
      <Stack gap="xs" mt="xs">
        {design.metrics.map((metric) => (
          <Paper key={`${metric.key} ${metric.isGroup}`} withBorder px="sm" py={6}>
            <Group justify="space-between" wrap="nowrap">
              <Radio
                value={metric.key}
                label={`${metric.name}${metric.key === design.primaryKey ? ' (primary)' : ''}`}
                aria-label={`${metric.name} is the primary metric`}
                disabled={kept.length > 0 && metric.key !== design.primaryKey}
              />
              <Group gap={4} wrap="nowrap">
                {!metric.isGroup && (
                  <Anchor component={Link} to={metricPath(place, metric.key)} size="xs" target="_blank">
                    Look at it
                  </Anchor>
                )}
                {!kept.includes(metric.key) && (
                  <ActionIcon
                    variant="subtle"
                    color="gray"
                    aria-label={`Leave out ${metric.name}`}
                    onClick={() => change(without(design, metric.key))}
                  >
                    <IconX size={16} />
                  </ActionIcon>
                )}
              </Group>
            </Group>
          </Paper>
        ))}
      </Stack>
    </Radio.Group>
  );
}

function Offered({ place, design, change, kept }: Part) {
  const [text, setText] = useState('');
  const metrics = useMetrics(place.projectKey, text);
  const funnels = useFunnels(place.projectKey);
  const fitting = (funnels.data ?? []).filter((each) => each.name.toLowerCase().includes(text.toLowerCase()));
  const here = window.location.pathname + window.location.search;
  return (
    <Stack gap="sm">
      <Group align="flex-end">
        <SearchField label="Search metrics" value={text} onSearch={setText} style={{ flex: '1 1 220px' }} />
        <Button
          component={Link}
          to={newMetricPath(place, here)}
          variant="default"
          leftSection={<IconPlus size={16} />}
          title="You come back here; what you have filled in is kept."
        >
          Create metric
        </Button>
      </Group>
      <Answer of={metrics} what="the metrics" lines={4}>
        {({ items, totalCount }) => (
          <Stack gap={4}>
            {items.length === 0 && <Text size="sm">No metric fits. Create one: it takes a minute.</Text>}
            {items.map((metric) => (
              <Checkbox
                key={metric.key}
                py={6}
                label={metric.name}
                description={<About metric={metric} unit={design.unit} />}
                checked={design.metrics.some((each) => each.key === metric.key && !each.isGroup)}
                disabled={kept.includes(metric.key)}
                onChange={(event) =>
                  change(
                    event.currentTarget.checked
                      ? withMetric(design, { key: metric.key, isGroup: false, name: metric.name })
                      : without(design, metric.key),
                  )
                }
              />
            ))}
            {fitting.map((group) => (
              <Checkbox
                key={`group ${group.key}`}
                py={6}
                label={`${group.name} (funnel)`}
                description={counted(group.metrics?.length ?? 0, 'step')}
                checked={design.metrics.some((each) => each.key === group.key && each.isGroup)}
                disabled={kept.includes(group.key)}
                onChange={(event) =>
                  change(
                    event.currentTarget.checked
                      ? withMetric(design, { key: group.key, isGroup: true, name: group.name })
                      : without(design, group.key),
                  )
                }
              />
            ))}
            {items.length < totalCount && (
              <Text size="xs" c="dimmed">
                {counted(totalCount - items.length, 'more metric')}: search to find them.
              </Text>
            )}
          </Stack>
        )}
      </Answer>
    </Stack>
  );
}

function About({ metric, unit }: { metric: Metric; unit: string }) {
  const units = metric.randomizationUnits ?? metric.analysisUnits;
  return (
    <>
      {metric.isNumeric ? `Numbers of “${metric.eventKey}”` : `Events “${metric.eventKey ?? metric.key}”`}
      {', '}
      <Seen at={metric.lastSeen} />
      {unit && !units.includes(unit) && `. Analysed by ${units.join(', ')}, not by ${unit}: it would refuse the start.`}
    </>
  );
}

/** Kept to the hour: of what came within the last one, no more is known. */
function Seen({ at }: { at: number | undefined }) {
  if (at === undefined) return 'never seen yet';
  if (Date.now() - at < 3_600_000) return 'seen within the hour';
  return (
    <>
      last seen <Ago at={at} />
    </>
  );
}

/** The first metric chosen decides until another is named. */
export function withMetric(design: Design, metric: Design['metrics'][number]): Partial<Design> {
  const metrics = [...design.metrics, metric];
  return { metrics, primaryKey: design.primaryKey || metric.key };
}

function without(design: Design, key: string): Partial<Design> {
  const metrics = design.metrics.filter((each) => each.key !== key);
  const primaryKey = design.primaryKey === key ? (metrics[0]?.key ?? '') : design.primaryKey;
  return { metrics, primaryKey };
}
