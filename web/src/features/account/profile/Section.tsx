// A part of the page about oneself, under a heading of its own.
import { Paper, Stack, Text, Title } from '@mantine/core';
import { type ReactNode, useId } from 'react';

interface Props {
  title: string;
  description?: string;
  children: ReactNode;
}

export function Section({ title, description, children }: Props) {
  const heading = useId();
  return (
    <Paper component="section" withBorder p="lg" aria-labelledby={heading} maw={760}>
      <Stack>
        <div>
          <Title order={2} size="h4" id={heading}>
            {title}
          </Title>
          {description && (
            <Text size="sm" c="dimmed">
              {description}
            </Text>
          )}
        </div>
        {children}
      </Stack>
    </Paper>
  );
}
