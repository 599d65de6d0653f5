// A field that searches as one types, a moment after the last key.
import { CloseButton, TextInput, type TextInputProps } from '@mantine/core';
import { useDebouncedCallback } from '@mantine/hooks';
import { IconSearch } from '@tabler/icons-react';
import { useEffect, useState } from 'react';

interface Props extends Omit<TextInputProps, 'value' | 'onChange'> {
  value: string;
  onSearch: (text: string) => void;
  label: string;
}

export function SearchField({ value, onSearch, label, ...more }: Props) {
  const [text, setText] = useState(value);
  const search = useDebouncedCallback(onSearch, 200);
  useEffect(() => setText(value), [value]);
  return (
    <TextInput
      aria-label={label}
      placeholder={label}
      type="search"
      leftSection={<IconSearch size={16} />}
      value={text}
      onChange={(event) => {
        setText(event.currentTarget.value);
        search(event.currentTarget.value);
      }}
      rightSection={
        text ? (
          <CloseButton
            size="sm"
            aria-label="Clear the search"
            onClick={() => {
              setText('');
              onSearch('');
            }}
          />
        ) : null
      }
      {...more}
    />
  );
}
