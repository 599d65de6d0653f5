// The keys of single contexts, few or thousands.
import { Group, Pill, Stack, TagsInput, Text, TextInput } from '@mantine/core';
import { useState } from 'react';
import { count } from '@/lib/formats';

interface Props {
  label: string;
  keys: string[];
  onChange: (keys: string[]) => void;
  disabled?: boolean;
}

const ALL_SHOWN_MAX = 100;
const FOUND_MAX = 30;

export function KeysField({ label, keys, onChange, disabled }: Props) {
  if (keys.length > ALL_SHOWN_MAX)
    return <ManyKeys label={label} keys={keys} onChange={onChange} disabled={disabled} />;
  return (
    <TagsInput
      label={label}
      placeholder={
        keys.length === 0 && !disabled ? 'Type a key, then Enter; or paste several, separated by commas' : undefined
      }
      value={keys}
      onChange={(changed) => onChange([...new Set(changed)])}
      splitChars={[',', '\n']}
      acceptValueOnBlur
      disabled={disabled}
    />
  );
}

function ManyKeys({ label, keys, onChange, disabled }: Props) {
  const [sought, setSought] = useState('');
  const found = sought ? keys.filter((key) => key.includes(sought)) : [];
  return (
    <Stack gap={6}>
      <TagsInput
        label={label}
        description={`${count(keys.length)} keys`}
        placeholder="Add keys"
        value={[]}
        onChange={(added) => onChange([...new Set([...keys, ...added])])}
        splitChars={[',', '\n']}
        acceptValueOnBlur
        disabled={disabled}
      />
      <TextInput
        size="xs"
        aria-label={`Find among ${label}`}
        placeholder="Find a key, to remove it"
        value={sought}
        onChange={(event) => setSought(event.currentTarget.value)}
      />
      {sought && (
        <Group gap={4}>
          {found.slice(0, FOUND_MAX).map((key) => (
            <Pill
              key={key}
              withRemoveButton={!disabled}
              onRemove={() => onChange(keys.filter((each) => each !== key))}
              removeButtonProps={{ 'aria-label': `Remove ${key}`, 'aria-hidden': false, tabIndex: 0 }}
            >
              {key}
            </Pill>
          ))}
          <Text size="xs">
            {found.length === 0
              ? 'No key has this in it.'
              : found.length > FOUND_MAX && `and ${count(found.length - FOUND_MAX)} more`}
          </Text>
        </Group>
      )}
    </Stack>
  );
}
