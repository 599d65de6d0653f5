// A token called something else.
import { Button, Group, Stack, Textarea, TextInput } from '@mantine/core';
import { type FormEvent, useState } from 'react';
import { Failure } from '@/components/Notices';
import { useRenameToken } from './acts';
import type { Token } from './questions';

export function RenameToken({ token, onClose }: { token: Token; onClose: () => void }) {
  const [name, setName] = useState(token.name);
  const [description, setDescription] = useState(token.description);
  const rename = useRenameToken();
  const submit = (event: FormEvent) => {
    event.preventDefault();
    rename.mutate({ id: token._id, name: name.trim(), description: description.trim() }, { onSuccess: onClose });
  };
  return (
    <form onSubmit={submit}>
      <Stack>
        {rename.error && <Failure error={rename.error} doing="rename the token" />}
        <TextInput label="Name" value={name} onChange={(event) => setName(event.currentTarget.value)} data-autofocus />
        <Textarea
          label="Description"
          value={description}
          onChange={(event) => setDescription(event.currentTarget.value)}
          autosize
          minRows={2}
        />
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button type="submit" loading={rename.isPending}>
            Save
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
