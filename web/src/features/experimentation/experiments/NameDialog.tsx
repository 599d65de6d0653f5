// Another name or description; both can be changed at any time.
import { Button, Group, Modal, Stack, Textarea, TextInput } from '@mantine/core';
import { type FormEvent, useState } from 'react';
import { Failure } from '@/components/Notices';
import { useInstruct } from './acts';
import type { Place } from './paths';
import type { Experiment } from './questions';

interface Props {
  place: Place;
  experiment: Experiment;
  onClose: () => void;
}

export function NameDialog({ place, experiment, onClose }: Props) {
  const instruct = useInstruct(place, experiment.key);
  const [name, setName] = useState(experiment.name);
  const [description, setDescription] = useState(experiment.description ?? '');
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    const value = {
      name: { operation: 'update' as const, value: name.trim() },
      description: { operation: 'update' as const, value: description.trim() },
    };
    const done = await instruct
      .mutateAsync({ instructions: [{ kind: 'updateExperimentFields', value }] })
      .catch(() => undefined);
    if (done) onClose();
  };
  return (
    <Modal opened onClose={onClose} title="Edit the name and description">
      <form onSubmit={(event) => void submit(event)}>
        <Stack>
          <TextInput
            label="Name"
            required
            value={name}
            onChange={(event) => setName(event.currentTarget.value)}
            data-autofocus
          />
          <Textarea
            label="Description"
            autosize
            minRows={2}
            value={description}
            onChange={(event) => setDescription(event.currentTarget.value)}
          />
          {instruct.error && <Failure error={instruct.error} doing="save it" />}
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>
              Cancel
            </Button>
            <Button type="submit" disabled={!name.trim()} loading={instruct.isPending}>
              Save
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
