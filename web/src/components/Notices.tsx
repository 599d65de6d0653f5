// What stands where there is nothing to show: waiting, empty, or failed.
import { Alert, Box, Button, Center, Group, Loader, Skeleton, Stack, Text, Title } from '@mantine/core';
import { useTimeout } from '@mantine/hooks';
import { IconAlertTriangle, IconRefresh } from '@tabler/icons-react';
import { type ReactNode, useState } from 'react';
import { ApiError, messageOf } from '@/lib/api/errors';

/** Grey lines while an answer is on the way; after two seconds also words. */
export function Waiting({ lines = 6, what = 'this page' }: { lines?: number; what?: string }) {
  const [isSlow, setSlow] = useState(false);
  useTimeout(() => setSlow(true), 2000, { autoInvoke: true });
  return (
    <Stack gap="sm" role="status" aria-label={`Loading ${what}`}>
      {isSlow && (
        <Group gap="xs">
          <Loader size="xs" />
          <Text size="sm">Still loading {what}…</Text>
        </Group>
      )}
      {Array.from({ length: lines }, (_, place) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: the lines never change places
        <Skeleton key={place} height={place === 0 ? 28 : 18} width={`${[60, 92, 85, 96, 74, 88][place % 6]}%`} />
      ))}
    </Stack>
  );
}

interface FailureProps {
  error: unknown;
  /** What was being done: "load the flags". */
  doing?: string;
  onRetry?: () => void;
}

/** What went wrong, in the server's own words, and a way on. */
export function Failure({ error, doing, onRetry }: FailureProps) {
  const code = error instanceof ApiError && error.code ? error.code : undefined;
  return (
    <Alert
      color="red"
      variant="light"
      icon={<IconAlertTriangle />}
      title={doing ? `Could not ${doing}` : 'That did not work'}
      role="alert"
    >
      <Stack gap="xs" align="flex-start">
        <Text size="sm" style={{ overflowWrap: 'anywhere' }}>
          {messageOf(error)}
        </Text>
        {code && (
          <Text size="xs" c="dimmed">
            Code: {code}
          </Text>
        )}
        {onRetry && (
          <Button size="xs" variant="default" leftSection={<IconRefresh size={14} />} onClick={onRetry}>
            Try again
          </Button>
        )}
      </Stack>
    </Alert>
  );
}

interface EmptyProps {
  title: string;
  children?: ReactNode;
  action?: ReactNode;
  icon?: ReactNode;
}

/** Nothing here yet, and what to do next. */
export function Empty({ title, children, action, icon }: EmptyProps) {
  return (
    <Center py="xl">
      <Stack align="center" gap="sm" maw={640} w="100%">
        {icon && (
          <Box c="dimmed" aria-hidden>
            {icon}
          </Box>
        )}
        <Title order={2} size="h4" ta="center">
          {title}
        </Title>
        {children && (
          <Text component="div" c="dimmed" ta="center" w="100%">
            {children}
          </Text>
        )}
        {action}
      </Stack>
    </Center>
  );
}
