// What narrows the list of metrics; kept in the URL.
import { Button, Group, Select, Switch } from '@mantine/core';
import { SearchField } from '@/components/SearchField';
import { isEverything, KIND_NAMES, KINDS, type Kind, type ListSearch } from './listing';

export function ListFilters({ search, onChange }: { search: ListSearch; onChange: (changed: ListSearch) => void }) {
  return (
    <Group gap="sm">
      <SearchField
        label="Name or key"
        value={search.q ?? ''}
        onSearch={(q) => onChange({ q: q || undefined })}
        w={{ base: '100%', sm: 240 }}
      />
      <SearchField
        label="Event key, exactly"
        value={search.event ?? ''}
        onSearch={(event) => onChange({ event: event || undefined })}
        w={{ base: '100%', sm: 190 }}
      />
      <SearchField
        label="Tag"
        value={search.tag ?? ''}
        onSearch={(tag) => onChange({ tag: tag || undefined })}
        w={{ base: '100%', sm: 140 }}
      />
      <Select
        aria-label="Kind"
        placeholder="Any kind"
        clearable
        clearButtonProps={{ 'aria-label': 'Any kind' }}
        value={search.kind ?? null}
        onChange={(kind) => onChange({ kind: (kind as Kind | null) ?? undefined })}
        data={KINDS.map((kind) => ({ value: kind, label: KIND_NAMES[kind] }))}
        w={{ base: '100%', sm: 140 }}
      />
      <Select
        aria-label="Use"
        placeholder="Used or not"
        clearable
        clearButtonProps={{ 'aria-label': 'Used or not' }}
        value={search.used ?? null}
        onChange={(used) => onChange({ used: (used as ListSearch['used'] | null) ?? undefined })}
        data={[
          { value: 'yes', label: 'Used' },
          { value: 'no', label: 'Not used' },
        ]}
        w={{ base: '100%', sm: 140 }}
      />
      <Switch
        label="Archived"
        checked={search.archived ?? false}
        onChange={(event) => onChange({ archived: event.currentTarget.checked || undefined })}
      />
      {!isEverything(search) && (
        <Button
          variant="subtle"
          onClick={() =>
            onChange({
              q: undefined,
              event: undefined,
              tag: undefined,
              kind: undefined,
              used: undefined,
              archived: undefined,
            })
          }
        >
          Clear
        </Button>
      )}
    </Group>
  );
}
