// An environment edited.
import { Button, Group, Modal, Stack, Text } from '@mantine/core';
import { type FormEvent, useState } from 'react';
import { Act } from '@/components/Act';
import { Failure } from '@/components/Notices';
import type { Environment } from '@/lib/workspace';
import { useChangeEnvironment } from './acts';
import { draftFault, draftOf, patchOf } from './draft';
import { EnvironmentForm } from './EnvironmentForm';

interface Props {
  projectKey: string;
  environment: Environment;
  opened: boolean;
  onClose: () => void;
}

export function ChangeEnvironment({ opened, onClose, ...more }: Props) {
  return (
    <Modal opened={opened} onClose={onClose} title={`Edit ${more.environment.name}`} centered>
      {opened && <Form {...more} onClose={onClose} />}
    </Modal>
  );
}

function Form({ projectKey, environment, onClose }: Omit<Props, 'opened'>) {
  const [before] = useState(environment);
  const [draft, setDraft] = useState(() => draftOf(environment));
  const change = useChangeEnvironment(projectKey, before);
  const fault = draftFault(draft);
  const isSame = patchOf(before, draft).length === 0;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (!fault) change.mutate(draft, { onSuccess: onClose });
  };
  return (
    <form onSubmit={submit}>
      <Stack>
        {change.error && <Failure error={change.error} doing="change the environment" />}
        <EnvironmentForm draft={draft} onChange={setDraft} />
        {fault && (
          <Text size="sm" c="red" role="alert">
            {fault}
          </Text>
        )}
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Act
            type="submit"
            disabledBecause={fault ?? (isSame && 'Nothing is changed yet.')}
            loading={change.isPending}
          >
            Save
          </Act>
        </Group>
      </Stack>
    </form>
  );
}
