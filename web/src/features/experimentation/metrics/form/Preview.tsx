// Beside the form: what will be measured, in words, and the code that sends it.
import { Paper, Stack, Text, Title } from '@mantine/core';
import { Snippets } from '@/components/Snippets';
import { type Draft, isNumeric, isOfEvents } from '../draft/draft';
import { meaningOf } from '../draft/meaning';
import type { Place } from '../paths';

export function Preview({ place, draft }: { place: Place; draft: Draft }) {
  const [measured, ...rest] = meaningOf(draft);
  return (
    <Stack gap="md">
      <Paper withBorder radius="md" p="md" bg="var(--surface-sunken)">
        <Title order={2} size="h5" mb={6}>
          What will be measured
        </Title>
        <Text fw={600} style={{ overflowWrap: 'anywhere' }}>
          {measured}
        </Text>
        <Text size="sm" c="dimmed" mt={4}>
          {rest.join(' ')}
        </Text>
      </Paper>
      <Paper withBorder radius="md" p="md">
        <Title order={2} size="h5" mb={6}>
          {isOfEvents(draft.shape) ? 'Send it from your code' : 'Pages report it by themselves'}
        </Title>
        <Text size="sm" c="dimmed" mb="sm">
          {isOfEvents(draft.shape)
            ? `With the keys of ${place.environmentKey}.`
            : 'Any page that runs an SDK for browsers or React with the client-side ID below watches for it; there is no event to send.'}
        </Text>
        <Snippets
          {...place}
          {...(isOfEvents(draft.shape) ? { eventKey: draft.eventKey || 'your-event' } : {})}
          isNumeric={isNumeric(draft)}
          contextKind={draft.analysisUnits[0] ?? 'user'}
          onlyPages={!isOfEvents(draft.shape)}
        />
      </Paper>
    </Stack>
  );
}
