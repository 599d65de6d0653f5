// One change whole: what was there before and after, what it needed, and how it was made.
import { Code, Drawer, Group, List, Stack, Text, Title } from '@mantine/core';
import { Answer } from '@/components/Answer';
import { Copy } from '@/components/Copyable';
import { Diff } from '@/components/Diff';
import { moment } from '@/lib/formats';
import { useEntry, type WholeEntry } from './questions';
import { Lines, Sentence } from './Told';

export function EntryDrawer({ id, onClose }: { id: string | undefined; onClose: () => void }) {
  const entry = useEntry(id);
  return (
    <Drawer opened={id !== undefined} onClose={onClose} position="right" size="xl" title="One change">
      {id !== undefined && (
        <Answer of={entry} what="this change">
          {(found) => <Whole entry={found} />}
        </Answer>
      )}
    </Drawer>
  );
}

function Whole({ entry }: { entry: WholeEntry }) {
  return (
    <Stack>
      <Text style={{ overflowWrap: 'anywhere' }}>
        <Sentence entry={entry} />
      </Text>
      <Group gap={4}>
        <Text size="sm" c="dimmed">
          {moment(entry.date)}
          {entry.token && `, with the token ${entry.token.name || `ending in ${entry.token.ending}`}`}
        </Text>
        <Copy value={window.location.href} label="Copy a link to this change" />
      </Group>
      {entry.comment && <Text fs="italic">“{entry.comment}”</Text>}
      <Lines entry={entry} />
      <Title order={3} size="h5">
        What differs
      </Title>
      <Diff before={bodyOf(entry.previousVersion)} after={bodyOf(entry.currentVersion)} />
      <Title order={3} size="h5">
        What it needed
      </Title>
      <List size="sm">
        {entry.accesses.map(({ action, resource }) => (
          <List.Item key={`${action} ${resource}`}>
            <Code>{action}</Code> on <Code style={{ overflowWrap: 'anywhere' }}>{resource}</Code>
          </List.Item>
        ))}
      </List>
    </Stack>
  );
}

/** The document itself; what did not exist is empty. */
function bodyOf(version: Record<string, unknown> | undefined): Record<string, unknown> {
  const { _version, ...body } = version ?? {};
  return body;
}
