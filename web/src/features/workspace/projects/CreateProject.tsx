// A new project: a name, and a key that follows it until one is typed.
import { Button, Group, Modal, Stack, Text, TextInput } from '@mantine/core';
import { useNavigate } from '@tanstack/react-router';
import { type FormEvent, useState } from 'react';
import { Act } from '@/components/Act';
import { Failure } from '@/components/Notices';
import { keyFrom } from '@/lib/formats';
import { useCreateProject } from './acts';

export function CreateProject({ opened, onClose }: { opened: boolean; onClose: () => void }) {
  return (
    <Modal opened={opened} onClose={onClose} title="Create project" centered>
      {opened && <Form onClose={onClose} />}
    </Modal>
  );
}

function Form({ onClose }: { onClose: () => void }) {
  const [name, setName] = useState('');
  const [typedKey, setTypedKey] = useState<string>();
  const create = useCreateProject();
  const navigate = useNavigate();
  const key = typedKey ?? keyFrom(name);

  const submit = (event: FormEvent) => {
    event.preventDefault();
    const open = (project: { key: string }) => {
      onClose();
      void navigate({ href: `/projects/${encodeURIComponent(project.key)}/~/flags` });
    };
    create.mutate({ name: name.trim(), key }, { onSuccess: open });
  };

  return (
    <form onSubmit={submit}>
      <Stack>
        {create.error && <Failure error={create.error} doing="create the project" />}
        <TextInput
          label="Name"
          required
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
          data-autofocus
        />
        <TextInput
          label="Key"
          description="Used in URLs and by API clients. It stays as it is."
          required
          value={key}
          onChange={(event) => setTypedKey(event.currentTarget.value)}
          autoComplete="off"
          spellCheck={false}
        />
        <Text size="sm" c="dimmed">
          It begins with two environments, Production and Test.
        </Text>
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Act
            type="submit"
            disabledBecause={!name.trim() ? 'Give it a name.' : !key && 'Give it a key.'}
            loading={create.isPending}
          >
            Create project
          </Act>
        </Group>
      </Stack>
    </form>
  );
}
