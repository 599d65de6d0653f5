// Before a draft takes the place of the iteration that runs.
import { Button, Group, Modal, Stack, Text, Textarea } from '@mantine/core';
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

export function NextDialog({ place, experiment, onClose }: Props) {
  const instruct = useInstruct(place, experiment.key);
  const [why, setWhy] = useState('');
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    const start = { kind: 'startIteration', changeJustification: why.trim() } as const;
    const started = await instruct
      .mutateAsync({ instructions: [start], comment: why.trim(), done: 'The next iteration is running.' })
      .catch(() => undefined);
    if (started) onClose();
  };
  return (
    <Modal opened onClose={onClose} title="Start the next iteration?" centered>
      <form onSubmit={(event) => void submit(event)}>
        <Stack>
          <Text size="sm">
            What runs now stops without a winner and keeps its results. The draft takes its place, and counting begins
            anew.
          </Text>
          <Textarea
            label="Why?"
            description="Kept in the history of the experiment."
            required
            autosize
            minRows={2}
            value={why}
            onChange={(event) => setWhy(event.currentTarget.value)}
            data-autofocus
          />
          {instruct.error && <Failure error={instruct.error} doing="start it" />}
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>
              Cancel
            </Button>
            <Button type="submit" disabled={!why.trim()} loading={instruct.isPending}>
              Start the next iteration
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
