// A new environment, empty or as a copy of another.
import { Button, Group, Modal, Select, Stack, TextInput } from '@mantine/core';
import { type FormEvent, useState } from 'react';
import { Act } from '@/components/Act';
import { Failure } from '@/components/Notices';
import { keyFrom } from '@/lib/formats';
import type { Environment } from '@/lib/workspace';
import { useCreateEnvironment } from './acts';
import { type Draft, draftFault, draftOf, NEW_DRAFT, postOf } from './draft';
import { EnvironmentForm } from './EnvironmentForm';

interface Props {
  projectKey: string;
  environments: Environment[];
  opened: boolean;
  onClose: () => void;
}

export function CreateEnvironment({ opened, onClose, ...more }: Props) {
  return (
    <Modal opened={opened} onClose={onClose} title="Create environment" centered>
      {opened && <Form {...more} onClose={onClose} />}
    </Modal>
  );
}

function Form({ projectKey, environments, onClose }: Omit<Props, 'opened'>) {
  const [draft, setDraft] = useState<Draft>(NEW_DRAFT);
  const [typedKey, setTypedKey] = useState<string>();
  const [source, setSource] = useState<string | null>(null);
  const create = useCreateEnvironment(projectKey);
  const key = typedKey ?? keyFrom(draft.name);
  const fault = draftFault(draft);

  const copy = (from: string | null) => {
    setSource(from);
    const original = environments.find((each) => each.key === from);
    if (original) setDraft({ ...draftOf(original), name: draft.name, color: draft.color });
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (!fault) create.mutate(postOf(draft, key, source ?? undefined), { onSuccess: onClose });
  };

  return (
    <form onSubmit={submit}>
      <Stack>
        {create.error && <Failure error={create.error} doing="create the environment" />}
        <Select
          label="Begin as a copy of"
          description="A copy serves what its original serves now, and goes its own way from there."
          placeholder="Nothing: every flag is off"
          data={environments.map((each) => ({ value: each.key, label: each.name }))}
          value={source}
          onChange={copy}
          clearable
          searchable
        />
        <EnvironmentForm draft={draft} onChange={setDraft} />
        <TextInput
          label="Key"
          description="Used in URLs and by API clients. It stays as it is."
          required
          value={key}
          onChange={(event) => setTypedKey(event.currentTarget.value)}
          autoComplete="off"
          spellCheck={false}
        />
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Act type="submit" disabledBecause={fault ?? (!key && 'Give it a key.')} loading={create.isPending}>
            Create environment
          </Act>
        </Group>
      </Stack>
    </form>
  );
}
