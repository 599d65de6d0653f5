// Why a context gets what it gets from this flag: asked with any context, answered step by step.
import { Grid, Stack, Text } from '@mantine/core';
import { useEffect, useMemo } from 'react';
import { Empty, Failure, Waiting } from '@/components/Notices';
import { useRemembered } from '@/lib/remembered';
import type { TabProps } from '../FlagPage';
import { useExplanations } from '../questions';
import { flagRoute } from '../routes';
import { ContextEditor } from './ContextEditor';
import { type Context, called, readContext, withRecent } from './contexts';
import { Verdict } from './Verdict';

export function ExplainTab({ projectKey, environmentKey, flag }: TabProps) {
  const { context: asked } = flagRoute.useSearch();
  const navigate = flagRoute.useNavigate();
  const [recent, setRecent] = useRemembered<Context[]>('explain.recent', []);
  const text = asked ? JSON.stringify(asked) : '';
  const context = useMemo(() => {
    const read = readContext(text);
    return 'context' in read ? read.context : undefined;
  }, [text]);
  const explained = useExplanations(projectKey, flag.key, context);
  const answers = explained.data;

  // A context that the server understood is worth keeping.
  useEffect(() => {
    if (!context || !explained.isSuccess || explained.isPlaceholderData) return;
    const next = withRecent(recent, context);
    if (JSON.stringify(next) !== JSON.stringify(recent)) setRecent(next);
  }, [context, explained.isSuccess, explained.isPlaceholderData, recent, setRecent]);

  return (
    <Grid gap="xl">
      <Grid.Col span={{ base: 12, lg: 5 }}>
        <ContextEditor
          asked={text}
          recent={recent}
          isBusy={explained.isFetching}
          onAsk={(next) => void navigate({ search: (known) => ({ ...known, context: next }), replace: text === '' })}
          onForget={() => setRecent([])}
        />
      </Grid.Col>
      <Grid.Col span={{ base: 12, lg: 7 }}>
        <Stack gap="md" aria-live="polite">
          {!context && (
            <Empty title="Who is it about?">
              Type a context, or take an example or a recent one: the answer is the one that SDKs give, with every step
              that led to it.
            </Empty>
          )}
          {explained.error && <Failure error={explained.error} doing="explain this" />}
          {context && explained.isPending && !explained.error && <Waiting what="the explanation" />}
          {context && answers && !explained.error && (
            <Verdict projectKey={projectKey} environmentKey={environmentKey} who={called(context)} answers={answers} />
          )}
          {context && (
            <Text size="xs" c="dimmed">
              The address of this page carries the context: send it to a colleague as it is.
            </Text>
          )}
        </Stack>
      </Grid.Col>
    </Grid>
  );
}
