// What the metric is called, and under which key the API knows it.
import { Stack, TagsInput, Textarea, TextInput } from '@mantine/core';
import { useState } from 'react';
import { keyFrom } from '@/lib/formats';
import { fieldId, type Writing } from './useDraft';

export function NamesFields({ writing, isNew }: { writing: Writing; isNew: boolean }) {
  const { draft, change, told, leave } = writing;
  const [ownKey, setOwnKey] = useState(draft.key !== '' && draft.key !== keyFrom(draft.name));
  return (
    <Stack gap="sm">
      <TextInput
        id={fieldId('name')}
        label="Name"
        placeholder="Revenue per user"
        value={draft.name}
        onChange={(event) => {
          const name = event.currentTarget.value;
          change(ownKey || !isNew ? { name } : { name, key: keyFrom(name) });
        }}
        onBlur={() => leave('name')}
        error={told('name')}
        withAsterisk
      />
      {isNew && (
        <TextInput
          id={fieldId('key')}
          label="Key"
          description="How the API and experiments name it; it cannot be changed later."
          value={draft.key}
          onChange={(event) => {
            setOwnKey(true);
            leave('key');
            change({ key: event.currentTarget.value });
          }}
          onBlur={() => leave('key')}
          error={told('key')}
          spellCheck={false}
          withAsterisk
        />
      )}
      <Textarea
        label="Description"
        placeholder="What it tells, and when to use it."
        value={draft.description}
        onChange={(event) => change({ description: event.currentTarget.value })}
        autosize
        minRows={2}
      />
      <TagsInput
        label="Tags"
        placeholder={draft.tags.length === 0 ? 'checkout' : ''}
        description="Press Enter after each."
        value={draft.tags}
        onChange={(tags) => change({ tags })}
        acceptValueOnBlur
      />
    </Stack>
  );
}
