// Which events to show; kept in the URL, so that a colleague sees the same.
import { Chip, Flex, Group, Stack, Switch } from '@mantine/core';
import { SearchField } from '@/components/SearchField';
import { type Filter, KINDS, kindsOf } from './filter';

export function Filters({ filter, onChange }: { filter: Filter; onChange: (changed: Filter) => void }) {
  return (
    <Stack gap="sm">
      <Flex gap="sm" wrap="wrap" align="center">
        <SearchField
          label="Event or flag key"
          value={filter.key ?? ''}
          onSearch={(key) => onChange({ key: key || undefined })}
          w={{ base: '100%', sm: 240 }}
        />
        <SearchField
          label="In a context: key or attribute"
          value={filter.q ?? ''}
          onSearch={(q) => onChange({ q: q || undefined })}
          w={{ base: '100%', sm: 280 }}
        />
        <Switch
          label="Problems only"
          checked={filter.problems ?? false}
          onChange={(event) => onChange({ problems: event.currentTarget.checked || undefined })}
        />
      </Flex>
      <Chip.Group
        multiple
        value={kindsOf(filter)}
        onChange={(kinds) => onChange({ kind: kinds.join(',') || undefined })}
      >
        <Group gap={6} role="group" aria-label="Kinds of events; all where none is chosen">
          {KINDS.map((kind) => (
            <Chip key={kind} value={kind} size="xs" variant="outline">
              {kind}
            </Chip>
          ))}
        </Group>
      </Chip.Group>
    </Stack>
  );
}
