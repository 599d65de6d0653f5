// What surrounds every page of somebody signed in: where they are, where they can go, who they are.
import { AppShell, Box, Burger, Group, ScrollArea, Text } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { useQueryClient } from '@tanstack/react-query';
import { Outlet, useLocation } from '@tanstack/react-router';
import { Suspense, useEffect } from 'react';
import { Waiting } from '@/components/Notices';
import { SessionEnded } from '@/features/account/sessions/SessionEnded';
import { followChanges } from '@/lib/live';
import { useSession } from '@/lib/session';
import { AccountMenu } from './AccountMenu';
import { Mark } from './Mark';
import { Navigation } from './Navigation';
import { PaletteButton } from './Palette';
import { WhichEnvironment, WhichProject } from './Where';

export function Shell() {
  const [isOpen, { toggle, close }] = useDisclosure();
  const client = useQueryClient();
  const { pathname } = useLocation();
  const session = useSession();
  const belongsTo = session?.signedIn ? session.csrfToken : undefined;
  // The stream ends with its session, and begins with the next.
  useEffect(() => (belongsTo ? followChanges(client) : undefined), [client, belongsTo]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: arriving on another page closes the menu that led there
  useEffect(close, [pathname]);

  return (
    <AppShell
      header={{ height: 56 }}
      navbar={{ width: 232, breakpoint: 'sm', collapsed: { mobile: !isOpen } }}
      padding={{ base: 'md', md: 'xl' }}
    >
      <a href="#content" className="skip-link">
        Skip to the content
      </a>
      <AppShell.Header>
        <Group h="100%" px="md" justify="space-between" wrap="nowrap" gap="xs">
          <Group gap="sm" wrap="nowrap" style={{ minWidth: 0 }}>
            <Burger opened={isOpen} onClick={toggle} hiddenFrom="sm" size="sm" aria-label="Menu" />
            <Mark />
            <Text fw={650} visibleFrom="md">
              Flaghoist
            </Text>
            <Box visibleFrom="sm" miw={0}>
              <WhichProject />
            </Box>
            <WhichEnvironment />
          </Group>
          <Group gap="xs" wrap="nowrap">
            <PaletteButton />
            <AccountMenu />
          </Group>
        </Group>
      </AppShell.Header>
      <AppShell.Navbar p="sm" aria-label="Pages">
        <ScrollArea>
          <Box hiddenFrom="sm" pb="xs">
            <WhichProject />
          </Box>
          <Navigation />
        </ScrollArea>
      </AppShell.Navbar>
      <AppShell.Main id="content" tabIndex={-1} style={{ outline: 'none' }}>
        <Suspense fallback={<Waiting />}>
          <Outlet />
        </Suspense>
      </AppShell.Main>
      <SessionEnded />
    </AppShell>
  );
}
