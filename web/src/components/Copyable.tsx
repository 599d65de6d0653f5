// Text to be copied: a key in a line, or a block of code.
import { ActionIcon, Box, Code, CopyButton, Group, ScrollArea, Tooltip } from '@mantine/core';
import { IconCheck, IconCopy } from '@tabler/icons-react';

/** A button that copies `value`. */
export function Copy({ value, label }: { value: string; label: string }) {
  return (
    <CopyButton value={value} timeout={1500}>
      {({ copied, copy }) => (
        <Tooltip label={copied ? 'Copied' : label}>
          <ActionIcon variant="subtle" color="gray" size="md" onClick={copy} aria-label={copied ? 'Copied' : label}>
            {copied ? <IconCheck size={16} /> : <IconCopy size={16} />}
          </ActionIcon>
        </Tooltip>
      )}
    </CopyButton>
  );
}

/** A key in a line, with a button to copy it. `shown` stands in for a secret. */
export function CopyableKey({ value, shown = value, what = 'key' }: { value: string; shown?: string; what?: string }) {
  return (
    <Group gap={4} wrap="nowrap" maw="100%">
      <Code style={{ overflowWrap: 'anywhere' }}>{shown}</Code>
      <Copy value={value} label={`Copy ${what}`} />
    </Group>
  );
}

/** Code to paste. */
export function CodeBlock({ code, label }: { code: string; label: string }) {
  return (
    <Box pos="relative">
      <ScrollArea className="code-block" viewportProps={{ tabIndex: 0, role: 'region', 'aria-label': label }}>
        <pre>{code}</pre>
      </ScrollArea>
      <Box pos="absolute" top={6} right={6}>
        <Copy value={code} label={`Copy ${label}`} />
      </Box>
    </Box>
  );
}
