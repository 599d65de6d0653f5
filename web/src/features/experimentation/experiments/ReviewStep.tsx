// The whole experiment in a sentence, and the button that makes it.
import { Alert, Anchor, Blockquote, Button, Group, List, Stack, Text } from '@mantine/core';
import { useNavigate } from '@tanstack/react-router';
import { Act } from '@/components/Act';
import { Failure } from '@/components/Notices';
import { experiment } from '@/lib/addresses';
import { useCreateExperiment } from './acts';
import { analysisOf, iterationOf } from './design';
import { type Draft, type Field, problemIn, STEPS, type Step } from './draft';
import { experimentPath, type Place } from './paths';
import type { Flag } from './questions';
import { AllocationBar } from './steps/AllocationBar';
import { ruleName, sentenceOf } from './wording';

interface Props {
  place: Place;
  draft: Draft;
  flag: Flag | undefined;
  problems: Partial<Record<Field, string>>;
  onGo: (step: Step) => void;
  /** Told once the experiment is there. */
  onMade: () => void;
}

export function ReviewStep({ place, draft, flag, problems, onGo, onMade }: Props) {
  const create = useCreateExperiment(place);
  const navigate = useNavigate();
  const open = STEPS.filter(({ step }) => problemIn(step, problems));
  const config = flag?.environments?.[place.environmentKey];

  const submit = async () => {
    const made = await create
      .mutateAsync({
        name: draft.name.trim(),
        key: draft.key,
        methodology: draft.methodology,
        analysisConfig: analysisOf(draft),
        iteration: iterationOf(draft),
      })
      .catch(() => undefined);
    if (!made) return;
    onMade();
    void navigate({ to: experimentPath(place, made.key) });
  };

  if (open.length > 0) {
    return (
      <Alert color="orange" variant="light" title="Something is still missing">
        <List size="sm">
          {open.map(({ step, title }) => (
            <List.Item key={step}>
              <Anchor underline="always" component="button" type="button" size="sm" onClick={() => onGo(step)}>
                {title}
              </Anchor>
              : {problemIn(step, problems)}
            </List.Item>
          ))}
        </List>
      </Alert>
    );
  }
  return (
    <Stack>
      <Text fw={600}>{draft.name}</Text>
      <Text fs="italic">{draft.hypothesis}</Text>
      <Blockquote p="md" m={0} radius="md">
        {sentenceOf(draft, {
          flag: flag?.name ?? draft.flagKey,
          rule: ruleName(draft.ruleId, config?.rules ?? []),
          environment: place.environmentKey,
        })}
      </Blockquote>
      <AllocationBar design={draft} />
      <Text size="sm">
        Creating it changes nothing for anybody: the flag is touched when you start the experiment, and you will see
        beforehand what happens to it.
      </Text>
      {create.error && <Failure error={create.error} doing="create the experiment" />}
      <Group justify="space-between">
        <Button variant="default" onClick={() => onGo('method')}>
          Back
        </Button>
        <Act
          may={{ action: 'createExperiment', resource: experiment(place.projectKey, place.environmentKey, draft.key) }}
          loading={create.isPending}
          onClick={() => void submit()}
        >
          Create experiment
        </Act>
      </Group>
    </Stack>
  );
}
