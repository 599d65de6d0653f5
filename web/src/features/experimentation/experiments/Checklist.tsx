// What must hold for an experiment to tell something, and how it stands at this moment.
import { Box, Card, Group, Stack, Text, Title } from '@mantine/core';
import { IconAlertTriangle, IconCircleCheck, IconClock, IconTool } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import { Act } from '@/components/Act';
import { Ago } from '@/components/Moment';
import * as addresses from '@/lib/addresses';
import type { Schema } from '@/lib/api/client';
import { useTurnFlagOn } from './acts';
import type { Place } from './paths';
import type { Readiness } from './questions';

type Item = Schema<'ItemRep'>;

const WORDS: Record<Item['status'], string> = {
  done: 'Done',
  waiting: 'Waiting',
  todo: 'To do',
  problem: 'Problem',
};
const SIGNS: Record<Item['status'], ReactNode> = {
  done: <IconCircleCheck size={20} color="var(--mantine-color-teal-7)" />,
  waiting: <IconClock size={20} color="var(--mantine-color-blue-6)" />,
  todo: <IconTool size={20} color="var(--mantine-color-orange-7)" />,
  problem: <IconAlertTriangle size={20} color="var(--mantine-color-red-7)" />,
};

export function Checklist({ place, flagKey, readiness }: { place: Place; flagKey: string; readiness: Readiness }) {
  const open = readiness.items.filter((item) => item.status !== 'done').length;
  return (
    <Card withBorder radius="md" component="section" aria-labelledby="check-list">
      <Group justify="space-between" mb="sm">
        <Title order={2} size="h4" id="check-list">
          Check-list
        </Title>
        <Text size="xs" c="dimmed" role="status">
          {summary(readiness, open)}
        </Text>
      </Group>
      <Stack component="ul" gap="md" p={0} m={0} style={{ listStyle: 'none' }}>
        {readiness.items.map((item) => (
          <Line key={item.key} item={item}>
            {item.key === 'flag' && item.status !== 'done' && item.sentence.includes(' is off ') && (
              <TurnOn place={place} flagKey={flagKey} />
            )}
          </Line>
        ))}
      </Stack>
    </Card>
  );
}

function summary(readiness: Readiness, open: number): string {
  if (readiness.refusals.length > 0) return 'Not ready to start';
  if (open === 0) return 'All is well';
  if (readiness.status === 'not_started') return 'Ready to start; some things are still awaited';
  return readiness.items.some((item) => item.status === 'problem') ? 'Something is wrong' : 'Waiting for people';
}

function Line({ item, children }: { item: Item; children: ReactNode }) {
  return (
    <Group component="li" align="flex-start" wrap="nowrap" gap="sm">
      <Box mt={1} aria-hidden>
        {SIGNS[item.status]}
      </Box>
      <Stack gap={2} style={{ flex: 1, minWidth: 0 }}>
        <Group gap="xs">
          <Text size="sm" fw={600}>
            {item.title}
          </Text>
          <Text size="xs" c="dimmed">
            {WORDS[item.status]}
          </Text>
          {item.at !== undefined && (
            <Text size="xs" c="dimmed" component="span">
              last <Ago at={item.at} />
            </Text>
          )}
        </Group>
        <Text size="sm" style={{ overflowWrap: 'anywhere' }}>
          {capital(item.sentence)}
        </Text>
        {item.next && (
          <Text size="sm" c="dimmed">
            {item.next}
          </Text>
        )}
        {children}
      </Stack>
    </Group>
  );
}

function TurnOn({ place, flagKey }: { place: Place; flagKey: string }) {
  const turnOn = useTurnFlagOn(place, flagKey);
  const resource = addresses.flag(place.projectKey, flagKey, place.environmentKey);
  return (
    <Group>
      <Act
        size="compact-sm"
        variant="light"
        may={{ action: 'updateOn', resource }}
        loading={turnOn.isPending}
        onClick={() => turnOn.mutate()}
      >
        Turn on in {place.environmentKey}
      </Act>
    </Group>
  );
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
