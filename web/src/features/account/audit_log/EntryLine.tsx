// One change in the list.
import { Box, Button, Group, Stack, Text } from '@mantine/core';
import { Ago } from '@/components/Moment';
import type { Entry } from './questions';
import { Lines, Sentence } from './Told';

export function EntryLine({ entry, onOpen }: { entry: Entry; onOpen: (id: string) => void }) {
  return (
    <Box component="li" p="sm" style={{ borderBottom: '1px solid var(--mantine-color-default-border)' }}>
      <Group justify="space-between" align="flex-start" wrap="nowrap" gap="sm">
        <Stack gap={4} style={{ minWidth: 0, overflowWrap: 'anywhere' }}>
          <Text size="sm">
            <Sentence entry={entry} />
          </Text>
          <Lines entry={entry} />
          {entry.comment && (
            <Text size="sm" fs="italic">
              “{entry.comment}”
            </Text>
          )}
          <Text size="xs" c="dimmed">
            <Ago at={entry.date} />
            {entry.token && <> with the token {entry.token.name || `ending in ${entry.token.ending}`}</>}
          </Text>
        </Stack>
        <Button
          size="compact-sm"
          variant="subtle"
          style={{ flex: 'none' }}
          onClick={() => onOpen(entry._id)}
          aria-label={`Details: ${entry.subject.name} ${entry.titleVerb} ${entry.target.name}`}
        >
          Details
        </Button>
      </Group>
    </Box>
  );
}
