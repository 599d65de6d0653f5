// The frame of every page: one heading, what can be done here, and the rest below.
import { Anchor, Breadcrumbs, Group, Stack, Text, Title } from '@mantine/core';
import { useDocumentTitle } from '@mantine/hooks';
import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';

export interface Crumb {
  label: string;
  /** A path of the console. */
  to: string;
}

interface Props {
  title: string;
  /** What the browser's tab says; the title where nothing is given. */
  tab?: string;
  crumbs?: Crumb[];
  /** Beside the title: chips that say how things stand. */
  status?: ReactNode;
  description?: ReactNode;
  actions?: ReactNode;
  children: ReactNode;
}

export function Page({ title, tab, crumbs = [], status, description, actions, children }: Props) {
  useDocumentTitle(`${tab ?? title} · Flaghoist`);
  return (
    <Stack gap="lg">
      <Stack gap={6}>
        {crumbs.length > 0 && (
          <Breadcrumbs component="nav" aria-label="Breadcrumbs" separatorMargin={6}>
            {crumbs.map((crumb) => (
              <Anchor key={crumb.to} component={Link} to={crumb.to} size="sm">
                {crumb.label}
              </Anchor>
            ))}
          </Breadcrumbs>
        )}
        <Group justify="space-between" align="flex-start" gap="sm">
          <Group gap="sm" align="center">
            <Title order={1} size="h2" style={{ overflowWrap: 'anywhere' }}>
              {title}
            </Title>
            {status}
          </Group>
          {actions && <Group gap="xs">{actions}</Group>}
        </Group>
        {description && (
          <Text c="dimmed" maw="70ch" component="div">
            {description}
          </Text>
        )}
      </Stack>
      {children}
    </Stack>
  );
}
