// The CSS selector of what is clicked, tried on HTML that somebody pastes.
import { Collapse, Stack, Text, Textarea, TextInput, UnstyledButton } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { useState } from 'react';
import { counted } from '@/lib/formats';
import { foundIn, isSelector } from './selectors';
import { fieldId, type Writing } from './useDraft';

export function SelectorField({ writing }: { writing: Writing }) {
  const { draft, change, told, leave } = writing;
  return (
    <Stack gap="xs">
      <TextInput
        id={fieldId('selector')}
        label="CSS selector"
        description="What is clicked: the element itself, or anything within it."
        placeholder="button.buy"
        value={draft.selector}
        onChange={(event) => {
          change({ selector: event.currentTarget.value });
          if (!isSelector(event.currentTarget.value)) leave('selector');
        }}
        onBlur={() => leave('selector')}
        error={told('selector')}
        styles={{ input: { fontFamily: 'var(--mantine-font-family-monospace)' } }}
        spellCheck={false}
        withAsterisk
      />
      <Try selector={draft.selector} />
    </Stack>
  );
}

function Try({ selector }: { selector: string }) {
  const [isOpen, { toggle }] = useDisclosure();
  const [html, setHtml] = useState('');
  const found = html && selector ? foundIn(html, selector) : undefined;
  return (
    <Stack gap={4}>
      <UnstyledButton onClick={toggle} aria-expanded={isOpen}>
        <Text size="sm" c="var(--mantine-color-anchor)">
          Try it on HTML
        </Text>
      </UnstyledButton>
      <Collapse expanded={isOpen}>
        <Textarea
          aria-label="HTML of a page"
          placeholder={'<button class="buy">Buy</button>'}
          value={html}
          onChange={(event) => setHtml(event.currentTarget.value)}
          autosize
          minRows={3}
          maxRows={10}
          spellCheck={false}
          styles={{ input: { fontFamily: 'var(--mantine-font-family-monospace)' } }}
        />
        <Text size="sm" role="status">
          {found !== undefined && (found > 0 ? `✓ Finds ${counted(found, 'element')}.` : 'Finds nothing here.')}
        </Text>
      </Collapse>
    </Stack>
  );
}
