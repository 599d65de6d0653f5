// One part of a design, edited with the same questions with which it was made.
import { Alert, Button, Group, Modal, Stack, Textarea } from '@mantine/core';
import { useState } from 'react';
import { Failure } from '@/components/Notices';
import { useDraftIteration, useInstruct } from './acts';
import { type Design, iterationOf, updatesBetween } from './design';
import { designProblems, type Field, problemIn } from './draft';
import { type Editable, EXPLAINED, effectOf, TITLES, VERBS } from './editing';
import type { Place } from './paths';
import { type Experiment, useFlag } from './questions';
import { FlagStep } from './steps/FlagStep';
import { HypothesisStep } from './steps/HypothesisStep';
import { MethodStep } from './steps/MethodStep';
import { MetricsStep } from './steps/MetricsStep';
import { SampleSize } from './steps/SampleSize';
import { TreatmentsStep } from './steps/TreatmentsStep';
import { UnitStep } from './steps/UnitStep';
import { flagProblem, ruleProblem } from './usability';

interface Props {
  place: Place;
  experiment: Experiment;
  /** As it is. */
  design: Design;
  what: Editable;
  onClose: () => void;
}

export function DesignDialog(props: Props) {
  return (
    <Modal opened onClose={props.onClose} title={TITLES[props.what]} size="xl">
      <Editor {...props} />
    </Modal>
  );
}

function Editor({ place, experiment, design, what, onClose }: Props) {
  const [edited, setEdited] = useState(design);
  const [why, setWhy] = useState('');
  const flag = useFlag(place, edited.flagKey).data;
  const inFlag = flag && (flagProblem(flag) ?? ruleProblem(flag, place.environmentKey, edited.ruleId));
  const problems = designProblems(edited, inFlag);
  const effect = effectOf(experiment, what);
  const save = useSave(place, experiment, design, edited);
  const changed = Object.keys(updatesBetween(design, edited)).length > 0;
  const problem = problemIn(what, problems);
  const isMissing = effect === 'new iteration' && !why.trim();

  const submit = async () => {
    if (await save.run(effect, why.trim())) onClose();
  };
  return (
    <Stack>
      {EXPLAINED[effect] && (
        <Alert variant="light" color={effect === 'new iteration' ? 'orange' : 'blue'}>
          {EXPLAINED[effect]}
        </Alert>
      )}
      <Asked {...{ place, what, problems, experiment }} design={edited} before={design} onChange={setEdited} />
      {effect === 'new iteration' && (
        <Textarea
          label="Why?"
          description="Kept in the history of the experiment."
          required
          value={why}
          onChange={(event) => setWhy(event.currentTarget.value)}
        />
      )}
      {save.error !== null && <Failure error={save.error} doing="save it" />}
      <Group
        justify="flex-end"
        py="sm"
        style={{ position: 'sticky', bottom: 0, background: 'var(--mantine-color-body)', zIndex: 1 }}
      >
        <Button variant="default" onClick={onClose}>
          Cancel
        </Button>
        <Button
          onClick={() => void submit()}
          loading={save.isBusy}
          disabled={!changed || Boolean(problem) || isMissing}
        >
          {VERBS[effect]}
        </Button>
      </Group>
    </Stack>
  );
}

interface AskedProps {
  place: Place;
  experiment: Experiment;
  what: Editable;
  design: Design;
  before: Design;
  problems: Partial<Record<Field, string>>;
  onChange: (change: (before: Design) => Design) => void;
}

function Asked({ place, experiment, what, design, before, problems, onChange }: AskedProps) {
  const change = (next: Partial<Design>) => onChange((known) => ({ ...known, ...next }));
  const props = { place, design, change, problems, experimentKey: experiment.key };
  const isRunning = experiment.currentIteration?.status === 'running';
  if (what === 'hypothesis') return <HypothesisStep {...props} />;
  if (what === 'flag') return <FlagStep {...props} isBound={experiment.currentIteration !== undefined} />;
  if (what === 'treatments') return <TreatmentsStep {...props} />;
  if (what === 'unit') return <UnitStep {...props} />;
  if (what === 'metrics') {
    return <MetricsStep {...props} kept={isRunning ? before.metrics.map((each) => each.key) : []} />;
  }
  return (
    <>
      <MethodStep {...props} />
      <SampleSize place={place} design={design} />
    </>
  );
}

/** Carries an edit out in the way that the experiment's state asks for. */
function useSave(place: Place, experiment: Experiment, before: Design, after: Design) {
  const instruct = useInstruct(place, experiment.key);
  const draft = useDraftIteration(place, experiment.key);
  const value = updatesBetween(before, after);
  const run = async (effect: ReturnType<typeof effectOf>, why: string): Promise<boolean> => {
    try {
      if (effect === 'in place') {
        await instruct.mutateAsync({ instructions: [{ kind: 'updateExperimentFields', value }] });
      } else if (effect === 'added') {
        const metrics = { operation: 'add' as const, value: value.metrics?.value };
        await instruct.mutateAsync({ instructions: [{ kind: 'updateExperimentFields', value: { metrics } }] });
      } else if (effect === 'new iteration') {
        const start = { kind: 'saveAndStartNewIteration' as const, changeJustification: why, value };
        await instruct.mutateAsync({ instructions: [start], done: 'A new iteration is running.' });
      } else {
        await draft.mutateAsync(iterationOf(after));
        const { methodology, analysisConfig } = value;
        const method = { ...(methodology && { methodology }), ...(analysisConfig && { analysisConfig }) };
        if (Object.keys(method).length > 0) {
          await instruct.mutateAsync({ instructions: [{ kind: 'updateExperimentFields', value: method }] });
        }
      }
      return true;
    } catch {
      return false; // shown below the form
    }
  };
  return { run, error: instruct.error ?? draft.error, isBusy: instruct.isPending || draft.isPending };
}
