// Before an experiment stops: which treatment is served from then on, and why.
import { Alert, Button, Group, Modal, Radio, Stack, Text, Textarea } from '@mantine/core';
import { type FormEvent, useState } from 'react';
import { Failure } from '@/components/Notices';
import { useInstruct } from './acts';
import { designOf } from './design';
import type { Place } from './paths';
import { type Experiment, type Iteration, useFlag, useVerdict } from './questions';
import { ruleName } from './wording';

interface Props {
  place: Place;
  experiment: Experiment;
  iteration: Iteration;
  opened: boolean;
  onClose: () => void;
}

export function StopDialog(props: Props) {
  return (
    <Modal opened={props.opened} onClose={props.onClose} title={`Stop “${props.experiment.name}”?`} size="lg" centered>
      {props.opened && <Question {...props} />}
    </Modal>
  );
}

function Question({ place, experiment, iteration, onClose }: Props) {
  const instruct = useInstruct(place, experiment.key);
  const treatments = iteration.treatments ?? [];
  const metricKey = iteration.primarySingleMetric?.key;
  const verdict = useVerdict(place, experiment.key, metricKey ?? '', { isAsked: metricKey !== undefined }).data;
  const [picked, setPicked] = useState('');
  const winner = picked || (verdict?.winningTreatmentId ?? '');
  const [reason, setReason] = useState('');
  const design = designOf(experiment, iteration);
  const flag = useFlag(place, design.flagKey).data;
  const rule = ruleName(design.ruleId, flag?.environments?.[place.environmentKey]?.rules ?? []);
  const chosen = treatments.find((each) => each._id === winner);

  const submit = async (event: FormEvent) => {
    event.preventDefault();
    const stop = { kind: 'stopIteration', winningTreatmentId: winner, winningReason: reason.trim() } as const;
    const stopped = await instruct
      .mutateAsync({ instructions: [stop], comment: reason.trim(), done: `“${experiment.name}” has stopped.` })
      .catch(() => undefined);
    if (stopped) onClose();
  };

  return (
    <form onSubmit={(event) => void submit(event)}>
      <Stack>
        {verdict && (
          <Alert variant="light" color={verdict.winningTreatmentId ? 'teal' : 'gray'} title="So far">
            {verdict.sentence}
          </Alert>
        )}
        <Radio.Group
          label="Which treatment shall everybody get from now on?"
          description="To go back to how it was, choose the baseline."
          value={winner}
          onChange={setPicked}
          required
        >
          <Stack gap="xs" mt="xs">
            {treatments.map((each) => (
              <Radio key={each._id} value={each._id} label={`${each.name}${each.baseline ? ' (baseline)' : ''}`} />
            ))}
          </Stack>
        </Radio.Group>
        <Textarea
          label="Why?"
          description="Kept with the iteration, for whoever asks later."
          placeholder="Sells 4% more with 97% probability, and nothing else got worse."
          required
          autosize
          minRows={2}
          value={reason}
          onChange={(event) => setReason(event.currentTarget.value)}
        />
        {verdict && !reason && (
          <Group>
            <Button variant="subtle" size="compact-sm" onClick={() => setReason(verdict.sentence)}>
              Give the verdict as the reason
            </Button>
          </Group>
        )}
        {chosen && (
          <Text size="sm" role="status">
            {rule.charAt(0).toUpperCase() + rule.slice(1)} of “{flag?.name ?? design.flagKey}” will serve “{chosen.name}
            ” to everybody it reaches in {place.environmentKey}, from this moment on. What has been counted stays.
          </Text>
        )}
        {instruct.error && <Failure error={instruct.error} doing="stop the experiment" />}
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button type="submit" color="red" disabled={!winner || !reason.trim()} loading={instruct.isPending}>
            {chosen ? `Stop and serve “${chosen.name}”` : 'Stop'}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
