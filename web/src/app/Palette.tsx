// The command palette: Ctrl+K (or ⌘K) finds pages and things, and acts on them.
import { Button, Kbd, Text, VisuallyHidden } from '@mantine/core';
import { useHotkeys } from '@mantine/hooks';
import { IconSearch } from '@tabler/icons-react';
import { lazy, Suspense, useState } from 'react';

const Commands = lazy(() => import('./Commands').then((found) => ({ default: found.Commands })));

export function PaletteButton() {
  const [isOpen, setOpen] = useState(false);
  useHotkeys([['mod+K', () => setOpen(true)]], []);
  return (
    <>
      <Button
        variant="default"
        size="xs"
        leftSection={<IconSearch size={14} />}
        onClick={() => setOpen(true)}
        aria-keyshortcuts="Control+K Meta+K"
      >
        <VisuallyHidden>Find or do anything</VisuallyHidden>
        <Text size="sm" visibleFrom="md" aria-hidden>
          Find or do
        </Text>
        <Kbd size="xs" ml={6} visibleFrom="md" aria-hidden>
          Ctrl K
        </Kbd>
      </Button>
      <Suspense>{isOpen && <Commands onClose={() => setOpen(false)} />}</Suspense>
    </>
  );
}
