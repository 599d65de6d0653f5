// The steps of an experiment being made: where one is, what is done, what is missing.
import { Box, NativeSelect, NavLink, VisuallyHidden } from '@mantine/core';
import { IconAlertCircle, IconCircle, IconCircleCheck } from '@tabler/icons-react';
import { type Field, problemIn, STEPS, type Step } from './draft';

interface Props {
  current: Step;
  problems: Partial<Record<Field, string>>;
  /** Steps that have been left. */
  left: ReadonlySet<Step>;
  onGo: (step: Step) => void;
}

export function StepList({ current, problems, left, onGo }: Props) {
  return (
    <>
      <NativeSelect
        hiddenFrom="md"
        aria-label="Step"
        w="100%"
        value={current}
        data={STEPS.map(({ step, title }, place) => ({ value: step, label: `${place + 1}. ${title}` }))}
        onChange={(event) => onGo(event.currentTarget.value as Step)}
      />
      <Steps {...{ current, problems, left, onGo }} />
    </>
  );
}

function Steps({ current, problems, left, onGo }: Props) {
  return (
    <Box component="nav" aria-label="Steps" w={230} visibleFrom="md">
      {STEPS.map(({ step, title }, place) => {
        const problem = problemIn(step, problems);
        const state = step === 'review' ? '' : !problem ? 'done' : left.has(step) ? 'incomplete' : 'to do';
        return (
          <NavLink
            key={step}
            component="button"
            type="button"
            active={step === current}
            aria-current={step === current ? 'step' : undefined}
            label={
              <>
                {place + 1}. {title}
                {state && <VisuallyHidden>, {state}</VisuallyHidden>}
              </>
            }
            description={left.has(step) ? problem : undefined}
            leftSection={<Sign state={state} />}
            onClick={() => onGo(step)}
            style={{ borderRadius: 'var(--mantine-radius-md)' }}
          />
        );
      })}
    </Box>
  );
}

function Sign({ state }: { state: string }) {
  if (state === 'done') return <IconCircleCheck size={18} color="var(--mantine-color-teal-7)" />;
  if (state === 'incomplete') return <IconAlertCircle size={18} color="var(--mantine-color-orange-7)" />;
  return <IconCircle size={18} opacity={0.5} />;
}
