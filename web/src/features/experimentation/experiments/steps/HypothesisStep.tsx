// What is expected to happen, and why.
import { Textarea, TextInput } from '@mantine/core';
import { keyFrom } from '@/lib/formats';
import type { Draft } from '../draft';
import type { StepProps } from './step';

interface NamedProps extends StepProps {
  draft: Draft;
  rename: (next: { name: string; key: string }) => void;
}

/** The name and the hypothesis of an experiment that is being made. */
export function NameAndHypothesis({ draft, rename, ...step }: NamedProps) {
  const isOwnKey = draft.key !== keyFrom(draft.name);
  return (
    <>
      <TextInput
        label="Name"
        description="What you will call it when you talk about it."
        placeholder="Green buy button"
        required
        value={draft.name}
        error={step.problems.name}
        onChange={(event) => {
          const name = event.currentTarget.value;
          rename({ name, key: isOwnKey ? draft.key : keyFrom(name) });
        }}
        data-autofocus
      />
      <TextInput
        label="Key"
        description="Names it in addresses and the API; it stays."
        required
        value={draft.key}
        error={step.problems.key}
        onChange={(event) => rename({ name: draft.name, key: event.currentTarget.value })}
      />
      <HypothesisStep {...step} />
    </>
  );
}

export function HypothesisStep({ design, change, problems }: StepProps) {
  return (
    <Textarea
      label="Hypothesis"
      description="What you change, what will happen, and why: written down before the numbers come in."
      placeholder="If the buy button is green, more visitors buy, because they find it sooner."
      required
      autosize
      minRows={3}
      value={design.hypothesis}
      error={problems.hypothesis}
      onChange={(event) => change({ hypothesis: event.currentTarget.value })}
    />
  );
}
