// The answer in this environment in one sentence, in the others in a line each, and the way to it.
import { Alert, Anchor, Code, Group, List, Stack, Text, Title } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { useEnvironments } from '@/lib/workspace';
import { flagRoute } from '../routes';
import { type Explanation, sentenceOf } from './sentences';
import { Trace } from './Trace';

interface Props {
  projectKey: string;
  environmentKey: string;
  /** Short words for the context. */
  who: string;
  answers: Explanation[];
}

export function Verdict({ projectKey, environmentKey, who, answers }: Props) {
  const environments = useEnvironments(projectKey);
  const { context } = flagRoute.useSearch();
  const nameOf = (key: string) => environments.find((each) => each.key === key)?.name ?? key;
  const here = answers.find((each) => each.environmentKey === environmentKey);
  const others = answers.filter((each) => each.environmentKey !== environmentKey);
  if (!here) return null;
  return (
    <Stack gap="md">
      <Alert color={here.variation === null ? 'orange' : 'pine'} variant="light" title={`In ${nameOf(environmentKey)}`}>
        <Text size="md" data-testid="verdict">
          <Text span fw={600}>
            {who}
          </Text>{' '}
          {sentenceOf(here)}
        </Text>
        <Group gap="xs" mt="xs">
          <Text size="xs" c="dimmed">
            Reason in SDKs:
          </Text>
          <Code style={{ overflowWrap: 'anywhere' }}>{JSON.stringify(here.reason)}</Code>
        </Group>
      </Alert>
      {others.length > 0 && (
        <section>
          <Title order={2} size="h5" mb={4}>
            In other environments
          </Title>
          <List size="sm" spacing={2}>
            {others.map((each) => (
              <List.Item key={each.environmentKey}>
                <Anchor
                  component={Link}
                  to={`/projects/${encodeURIComponent(projectKey)}/${encodeURIComponent(each.environmentKey)}/flags/${encodeURIComponent(here.flag?.key ?? each.flag?.key ?? '')}`}
                  search={{ tab: 'explain', context } as never}
                  size="sm"
                  underline="always"
                >
                  {nameOf(each.environmentKey)}
                </Anchor>
                : {sentenceOf(each)}
              </List.Item>
            ))}
          </List>
        </section>
      )}
      {here.flag && <Trace explanation={here} flag={here.flag} />}
    </Stack>
  );
}
