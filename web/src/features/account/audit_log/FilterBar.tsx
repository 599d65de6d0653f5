// By what the audit log is narrowed down.
import { Button, Group, Select, TextInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { SearchField } from '@/components/SearchField';
import { projectsQuestion } from '@/lib/workspace';
import { type Filters, isFiltered, KINDS, type Kind } from './filters';
import { useAuthors } from './questions';

interface Props {
  filters: Filters;
  onChange: (change: Filters) => void;
}

const NONE: Filters = {
  q: undefined,
  who: undefined,
  what: undefined,
  project: undefined,
  from: undefined,
  to: undefined,
};

export function FilterBar({ filters, onChange }: Props) {
  const { data: authors = [] } = useAuthors();
  const { data: projects = [] } = useQuery(projectsQuestion);
  return (
    <Group gap="xs" align="flex-end" role="search" aria-label="Narrow down the audit log">
      <SearchField
        label="Find by name or key"
        value={filters.q ?? ''}
        onSearch={(text) => onChange({ q: text || undefined })}
        w={{ base: '100%', xs: 190 }}
      />
      <Select
        aria-label="Who"
        placeholder="Anybody"
        data={authors.map(({ _id, email, firstName, lastName }) => ({
          value: _id,
          label: [firstName, lastName].filter(Boolean).join(' ') || email,
        }))}
        value={filters.who ?? null}
        onChange={(who) => onChange({ who: who ?? undefined })}
        clearable
        searchable
        clearButtonProps={{ 'aria-label': 'Anybody again' }}
        w={{ base: '47%', xs: 150 }}
      />
      <Select
        aria-label="What"
        placeholder="Anything"
        data={Object.entries(KINDS).map(([value, label]) => ({ value, label }))}
        value={filters.what ?? null}
        onChange={(what) => onChange({ what: (what as Kind | null) ?? undefined })}
        clearable
        clearButtonProps={{ 'aria-label': 'Anything again' }}
        w={{ base: '47%', xs: 130 }}
      />
      <Select
        aria-label="Project"
        placeholder="Every project"
        data={projects.map(({ key, name }) => ({ value: key, label: name }))}
        value={filters.project ?? null}
        onChange={(project) => onChange({ project: project ?? undefined })}
        clearable
        searchable
        clearButtonProps={{ 'aria-label': 'Every project again' }}
        w={{ base: '100%', xs: 150 }}
      />
      <Day label="From" value={filters.from} max={filters.to} onChange={(from) => onChange({ from })} />
      <Day label="To" value={filters.to} min={filters.from} onChange={(to) => onChange({ to })} />
      {isFiltered(filters) && (
        <Button variant="subtle" onClick={() => onChange(NONE)}>
          Show all
        </Button>
      )}
    </Group>
  );
}

interface DayProps {
  label: string;
  value: string | undefined;
  min?: string;
  max?: string;
  onChange: (day: string | undefined) => void;
}

function Day({ label, value, min, max, onChange }: DayProps) {
  return (
    <TextInput
      type="date"
      label={label}
      value={value ?? ''}
      min={min}
      max={max}
      onChange={(event) => onChange(event.currentTarget.value || undefined)}
      w={{ base: '47%', xs: 140 }}
    />
  );
}
