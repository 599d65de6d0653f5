// What changed between two versions of a document, member by member.
import { Code, Stack, Table, Text } from '@mantine/core';
import { differences } from '@/lib/differences';

interface Props {
  before: unknown;
  after: unknown;
  /** Tells several of them on a page apart. */
  label?: string;
}

export function Diff({ before, after, label = 'What differs' }: Props) {
  const found = differences(before, after);
  if (found.length === 0) return <Text size="sm">Nothing differs.</Text>;
  return (
    <Table.ScrollContainer
      minWidth={420}
      scrollAreaProps={{ viewportProps: { tabIndex: 0, role: 'region', 'aria-label': label } }}
    >
      <Table withTableBorder verticalSpacing={6} fz="sm">
        <Table.Thead>
          <Table.Tr>
            <Table.Th>Member</Table.Th>
            <Table.Th>Before</Table.Th>
            <Table.Th>After</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {found.map((each) => (
            <Table.Tr key={each.path}>
              <Table.Td>
                <Text size="sm" ff="monospace" style={{ overflowWrap: 'anywhere' }}>
                  {each.path}
                </Text>
              </Table.Td>
              <Table.Td>
                <Value of={each.before} absent="was not there" />
              </Table.Td>
              <Table.Td>
                <Value of={each.after} absent="is gone" />
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  );
}

function Value({ of, absent }: { of: unknown; absent: string }) {
  if (of === undefined || of === '')
    return (
      <Text size="sm" c="dimmed" fs="italic">
        {of === '' ? 'empty' : absent}
      </Text>
    );
  const text = typeof of === 'string' ? of : JSON.stringify(of, null, 1);
  return (
    <Stack gap={0}>
      <Code block={text.length > 60} style={{ whiteSpace: 'pre-wrap', overflowWrap: 'anywhere' }}>
        {text}
      </Code>
    </Stack>
  );
}
