// A part of the targeting: its heading, what it is for, what is doubtful about it, and why it cannot be changed.
import { Alert, Group, List, Paper, Stack, Text, Title } from '@mantine/core';
import { IconAlertTriangle, IconLock } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import { useMay } from '@/lib/may';
import { useEditing } from './editing';
import type { Warning } from './model/warnings';

interface Props {
  title: string;
  description?: string;
  /** What the policy must allow for changes here. */
  action: string;
  warnings?: Warning[];
  aside?: ReactNode;
  children: ReactNode;
}

export function Section({ title, description, action, warnings = [], aside, children }: Props) {
  const { deed } = useEditing();
  const verdict = useMay(deed(action));
  return (
    <Paper component="section" withBorder radius="md" p={{ base: 'sm', sm: 'md' }} aria-label={title}>
      <Stack gap="sm">
        <Group justify="space-between" align="flex-start" gap="xs">
          <div>
            <Title order={2} size="h4">
              {title}
            </Title>
            {description && (
              <Text size="sm" c="dimmed">
                {description}
              </Text>
            )}
          </div>
          {aside}
        </Group>
        {!verdict.allowed && (
          <Group gap={6} wrap="nowrap" align="flex-start">
            <IconLock size={16} aria-hidden style={{ flex: 'none', marginTop: 2 }} />
            <Text size="sm">You cannot change this: {verdict.reason ?? 'your role does not allow it'}.</Text>
          </Group>
        )}
        <Warnings of={warnings} />
        {children}
      </Stack>
    </Paper>
  );
}

/** Faults and doubts; nothing where all is well. */
export function Warnings({ of }: { of: Warning[] }) {
  if (of.length === 0) return null;
  const isFault = of.some((each) => each.isFault);
  return (
    <Alert
      color={isFault ? 'red' : 'orange'}
      variant="light"
      p="xs"
      icon={<IconAlertTriangle size={18} />}
      title={isFault ? 'To be put right before saving' : undefined}
    >
      {of.length === 1 ? (
        <Text size="sm">{of[0]?.words}</Text>
      ) : (
        <List size="sm">
          {of.map((each) => (
            <List.Item key={each.words}>{each.words}</List.Item>
          ))}
        </List>
      )}
    </Alert>
  );
}
