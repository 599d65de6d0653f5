// The key of an event, with those offered that were seen, and what is known of each.
import { Autocomplete, type AutocompleteProps, Group, Text } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { useState } from 'react';
import { Ago } from '@/components/Moment';
import type { Place } from '../paths';
import { type EventKey, useEventKeys } from '../questions';

interface Props {
  place: Place;
  id: string;
  label: string;
  description?: string;
  value: string;
  onChange: (eventKey: string) => void;
  onLeave: () => void;
  error?: string | undefined;
}

export function EventKeyField({ place, id, label, description, value, onChange, onLeave, error }: Props) {
  const [looked] = useDebouncedValue(value, 200);
  const [isFocused, setFocused] = useState(false);
  const { data = [] } = useEventKeys(place.projectKey, place.environmentKey, isFocused ? looked : '');
  const known = new Map(data.map((each) => [each.key, each]));
  const renderOption: AutocompleteProps['renderOption'] = ({ option }) => <Option seen={known.get(option.value)} />;
  return (
    <Autocomplete
      id={id}
      label={label}
      description={description}
      placeholder="purchase"
      value={value}
      onChange={onChange}
      onFocus={() => setFocused(true)}
      onBlur={() => {
        setFocused(false);
        onLeave();
      }}
      error={error}
      data={[...known.keys()]}
      filter={({ options }) => options}
      renderOption={renderOption}
      limit={30}
      maxDropdownHeight={280}
      autoComplete="off"
      spellCheck={false}
      withAsterisk
    />
  );
}

function Option({ seen }: { seen: EventKey | undefined }) {
  if (!seen) return null;
  return (
    <Group justify="space-between" wrap="nowrap" w="100%" gap="sm">
      <Text size="sm" ff="monospace" style={{ overflowWrap: 'anywhere' }}>
        {seen.key}
      </Text>
      <Text size="xs" c="dimmed" ta="right">
        <Ago at={seen.lastSeen} />
        {seen.lastValueAt !== undefined && ', with a number'}
      </Text>
    </Group>
  );
}
