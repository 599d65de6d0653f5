// Whether the events come as the metric needs them.
import { Group, Stack, Text } from '@mantine/core';
import { IconAlertTriangle, IconCircleCheck, IconCircleX } from '@tabler/icons-react';
import { healthOf } from '../health';
import type { EventActivity, Metric } from '../questions';

const ICONS = { good: IconCircleCheck, warn: IconAlertTriangle, bad: IconCircleX };
const COLOURS = {
  good: 'light-dark(#1b6e2c, #69db7c)',
  warn: 'light-dark(#96400a, #ffa94d)',
  bad: 'light-dark(#b42318, #ff8787)',
};
const WORDS = { good: 'Good', warn: 'Look at this', bad: 'Problem' };

interface Props {
  activity: EventActivity;
  metric: Metric;
  environmentKey: string;
}

export function Health({ activity, metric, environmentKey }: Props) {
  const needs = {
    isNumeric: metric.isNumeric ?? false,
    analysisUnits: metric.analysisUnits,
    environmentKey,
    isOfPages: metric.kind !== 'custom',
  };
  return (
    <Stack gap={6} component="ul" aria-label="Health" style={{ listStyle: 'none', margin: 0, padding: 0 }}>
      {healthOf(activity, needs, Date.now()).map(({ tone, title, advice }) => {
        const Icon = ICONS[tone];
        return (
          <Group key={title} component="li" gap={8} align="flex-start" wrap="nowrap">
            <Icon size={18} color={COLOURS[tone]} style={{ flexShrink: 0, marginTop: 2 }} aria-label={WORDS[tone]} />
            <div>
              <Text size="sm" fw={tone === 'good' ? 400 : 600}>
                {title}
              </Text>
              {advice && (
                <Text size="sm" c="dimmed">
                  {advice}
                </Text>
              )}
            </div>
          </Group>
        );
      })}
    </Stack>
  );
}
