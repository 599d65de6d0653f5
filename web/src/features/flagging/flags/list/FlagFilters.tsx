// What narrows the list of flags, all of it in the URL.
import { Group, MultiSelect, Select } from '@mantine/core';
import { SearchField } from '@/components/SearchField';
import type { Environment } from '@/lib/workspace';
import { nameOfMember } from '../people';
import { useMembers, useTags } from '../questions';
import { type FlagSearch, listOf, type State, type Type } from './search';
import { SHOWN_MAX } from './shown';

interface Props {
  search: FlagSearch;
  onChange: (search: FlagSearch) => void;
  environments: Environment[];
  shown: string[];
  onShow: (keys: string[]) => void;
}

const STATE_WORDS = [
  { value: 'live', label: 'Live' },
  { value: 'deprecated', label: 'Deprecated' },
  { value: 'archived', label: 'Archived' },
];
const TYPE_WORDS = [
  { value: 'temporary', label: 'Temporary' },
  { value: 'permanent', label: 'Permanent' },
];

export function FlagFilters({ search, onChange, environments, shown, onShow }: Props) {
  const tags = useTags();
  const members = useMembers();
  return (
    <Group gap="xs" align="flex-end" role="search" aria-label="Flags">
      <SearchField
        value={search.q ?? ''}
        onSearch={(q) => onChange({ q: q || undefined })}
        label="Search by name or key"
        style={{ flex: '1 1 220px' }}
      />
      <MultiSelect
        aria-label="Tags"
        placeholder={search.tags ? undefined : 'Any tag'}
        data={[...new Set([...(tags.data ?? []), ...listOf(search.tags)])]}
        value={listOf(search.tags)}
        onChange={(chosen) => onChange({ tags: chosen.join(',') || undefined })}
        searchable
        clearable
        clearButtonProps={{ 'aria-label': 'Clear the tags' }}
        limit={100}
        style={{ flex: '1 1 150px', maxWidth: 320 }}
      />
      <Select
        aria-label="State"
        data={STATE_WORDS}
        value={search.state ?? 'live'}
        onChange={(state) => onChange({ state: state === 'live' ? undefined : (state as State) })}
        allowDeselect={false}
        style={{ flex: '1 1 110px', maxWidth: 160 }}
      />
      <Select
        aria-label="Type"
        placeholder="Any type"
        data={TYPE_WORDS}
        value={search.type ?? null}
        onChange={(type) => onChange({ type: (type as Type) ?? undefined })}
        clearable
        clearButtonProps={{ 'aria-label': 'Clear the type' }}
        style={{ flex: '1 1 120px', maxWidth: 180 }}
      />
      <Select
        aria-label="Maintainer"
        placeholder="Any maintainer"
        data={(members.data ?? []).map((each) => ({ value: each._id, label: nameOfMember(each) }))}
        value={search.maintainer ?? null}
        onChange={(maintainer) => onChange({ maintainer: maintainer ?? undefined })}
        searchable
        clearable
        clearButtonProps={{ 'aria-label': 'Clear the maintainer' }}
        style={{ flex: '1 1 150px', maxWidth: 240 }}
      />
      <MultiSelect
        label="Switches shown for"
        data={environments.map((each) => ({ value: each.key, label: each.name }))}
        value={shown}
        onChange={onShow}
        maxValues={SHOWN_MAX}
        style={{ flex: '1 1 200px', maxWidth: 320 }}
      />
    </Group>
  );
}
