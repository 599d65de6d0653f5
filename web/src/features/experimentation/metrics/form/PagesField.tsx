// On which pages a click or a visit counts, and a place to try an address.
import { ActionIcon, Button, Group, Select, Stack, Text, TextInput } from '@mantine/core';
import { IconPlus, IconTrash } from '@tabler/icons-react';
import { useState } from 'react';
import type { PageMatcher, UrlKind } from '../draft/draft';
import { matchesPage, parsed } from '../draft/pages';
import { fieldId, type Writing } from './useDraft';

const KINDS: { value: UrlKind; label: string }[] = [
  { value: 'substring', label: 'contains' },
  { value: 'canonical', label: 'is, whatever its query' },
  { value: 'exact', label: 'is exactly' },
  { value: 'regex', label: 'matches (regular expression)' },
];
const EXAMPLES: Record<UrlKind, string> = {
  substring: '/thanks',
  canonical: 'https://shop.example/cart',
  exact: 'https://shop.example/cart?step=2',
  regex: '/item/\\d+$',
};

export function PagesField({ writing }: { writing: Writing }) {
  const { draft, change, told, leave } = writing;
  const put = (changed: PageMatcher) =>
    change({ pages: draft.pages.map((each) => (each.id === changed.id ? changed : each)) });
  const add = () => {
    const id = Math.max(0, ...draft.pages.map((each) => each.id)) + 1;
    change({ pages: [...draft.pages, { id, kind: 'substring', text: '' }] });
  };
  return (
    <Stack gap="xs" role="group" aria-label="Pages">
      <Text size="sm" fw={500}>
        Pages whose address
      </Text>
      {draft.pages.map((page, place) => (
        <Group key={page.id} gap="xs" align="flex-start">
          <Select
            aria-label={`How page ${place + 1} is compared`}
            value={page.kind}
            onChange={(kind) => kind && put({ ...page, kind: kind as UrlKind })}
            data={KINDS}
            allowDeselect={false}
            w={220}
          />
          <TextInput
            id={fieldId(`page ${page.id}`)}
            aria-label={`Page ${place + 1}`}
            placeholder={EXAMPLES[page.kind]}
            value={page.text}
            onChange={(event) => {
              put({ ...page, text: event.currentTarget.value });
              if (page.kind === 'regex') leave(`page ${page.id}`);
            }}
            onBlur={() => leave(`page ${page.id}`)}
            error={told(`page ${page.id}`)}
            spellCheck={false}
            flex={1}
            miw={160}
          />
          {draft.pages.length > 1 && (
            <ActionIcon
              variant="subtle"
              color="gray"
              size="lg"
              aria-label={`Remove page ${place + 1}`}
              onClick={() => change({ pages: draft.pages.filter(({ id }) => id !== page.id) })}
            >
              <IconTrash size={16} />
            </ActionIcon>
          )}
        </Group>
      ))}
      <Button variant="subtle" size="compact-sm" w="fit-content" leftSection={<IconPlus size={14} />} onClick={add}>
        Add a page
      </Button>
      <Try pages={draft.pages} />
    </Stack>
  );
}

/** “Does this page match?” */
function Try({ pages }: { pages: PageMatcher[] }) {
  const [address, setAddress] = useState('');
  return (
    <Stack gap={4}>
      <TextInput
        label="Try an address"
        description="Paste one of your pages to see whether it counts."
        placeholder="https://shop.example/thanks?order=7"
        value={address}
        onChange={(event) => setAddress(event.currentTarget.value)}
        spellCheck={false}
      />
      <Text size="sm" role="status">
        {address.trim() && verdict(pages, address)}
      </Text>
    </Stack>
  );
}

function verdict(pages: PageMatcher[], address: string): string {
  if (!parsed(address)) return 'Write the whole address, beginning with https://.';
  const place = pages.findIndex((page) => matchesPage(page, address));
  if (place < 0) return 'This page does not count.';
  return pages.length === 1
    ? '✓ This page counts.'
    : `✓ This page counts, by the ${['first', 'second', 'third'][place] ?? `${place + 1}th`} line.`;
}
