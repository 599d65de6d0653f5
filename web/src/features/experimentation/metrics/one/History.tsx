// The versions of a metric: who changed what, and when.
import { Collapse, Paper, Stack, Text, Title, UnstyledButton } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { Answer } from '@/components/Answer';
import { Diff } from '@/components/Diff';
import { Ago } from '@/components/Moment';
import { useEntry, useHistory } from '../questions';

type Named = { projectKey: string; metricKey: string };

export function History({ projectKey, metricKey }: Named) {
  const history = useHistory(projectKey, metricKey);
  return (
    <Paper withBorder radius="md" p="md" component="section" aria-label="Versions">
      <Stack gap="sm">
        <Title order={2} size="h4">
          Versions
        </Title>
        <Answer of={history} what="the versions" lines={3}>
          {(entries) => (
            <Stack gap={0}>
              {entries.map((entry) => (
                <Entry
                  key={entry._id}
                  id={entry._id}
                  at={entry.date}
                  title={plain(entry.title)}
                  comment={entry.comment ?? ''}
                  projectKey={projectKey}
                  metricKey={metricKey}
                />
              ))}
            </Stack>
          )}
        </Answer>
      </Stack>
    </Paper>
  );
}

type EntryProps = Named & { id: string; at: number; title: string; comment: string };

function Entry({ id, at, title, comment, ...named }: EntryProps) {
  const [isOpen, { toggle }] = useDisclosure();
  return (
    <div style={{ borderTop: '1px solid var(--line-faint)' }}>
      <UnstyledButton onClick={toggle} aria-expanded={isOpen} w="100%" py={8}>
        <Text size="sm" style={{ overflowWrap: 'anywhere' }}>
          {title}
        </Text>
        <Text size="xs" c="dimmed">
          <Ago at={at} />
          {comment && `: “${comment}”`}
        </Text>
      </UnstyledButton>
      <Collapse expanded={isOpen}>{isOpen && <Changed id={id} {...named} />}</Collapse>
    </div>
  );
}

function Changed({ id, projectKey, metricKey }: Named & { id: string }) {
  const entry = useEntry(projectKey, metricKey, id);
  return (
    <Answer of={entry} what="the change" lines={2}>
      {({ previousVersion, currentVersion }) => <Diff before={previousVersion ?? {}} after={currentVersion ?? {}} />}
    </Answer>
  );
}

/** A title of the audit log without its markup: links are [words](address). */
function plain(title: string): string {
  return title.replace(/\[([^\]]*)\]\([^)]*\)/g, '$1').replace(/[*`]/g, '');
}
