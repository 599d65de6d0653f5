// The one act that comes next, and the rarer ones in a menu.
import { ActionIcon, Menu } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { IconArchive, IconArchiveOff, IconDots, IconPlayerPlay, IconPlayerStop, IconRepeat } from '@tabler/icons-react';
import { useNavigate } from '@tanstack/react-router';
import { Act, ActItem } from '@/components/Act';
import { Confirm } from '@/components/Confirm';
import * as addresses from '@/lib/addresses';
import { useMay } from '@/lib/may';
import { useDraftIteration, useInstruct } from './acts';
import { DEFAULT_RULE, designOf, iterationOf } from './design';
import { experimentPath, type Place } from './paths';
import { type Experiment, type Iteration, useReadiness } from './questions';
import { StartDialog } from './StartDialog';
import { StopDialog } from './StopDialog';
import { presentOf, stateOf } from './standing';

interface Props {
  place: Place;
  experiment: Experiment;
}

export function ExperimentActions({ place, experiment }: Props) {
  const state = stateOf(experiment);
  const iteration = presentOf(experiment);
  return (
    <>
      {iteration && state === 'not_started' && <StartButton {...{ place, experiment, iteration }} />}
      {iteration && state === 'running' && <StopButton {...{ place, experiment, iteration }} />}
      {iteration && state === 'stopped' && <NextButton {...{ place, experiment, iteration }} />}
      <More place={place} experiment={experiment} />
    </>
  );
}

/** Whoever starts or stops changes the flag too: both must be allowed. */
function useFlagRefusal(place: Place, iteration: Iteration): string | undefined {
  const [flagKey, flag] = Object.entries(iteration.flags)[0] ?? [];
  const action = flag?.targetingRule === DEFAULT_RULE ? 'updateFallthrough' : 'updateRules';
  const resource = addresses.flag(place.projectKey, flagKey ?? '*', place.environmentKey);
  const verdict = useMay({ action, resource });
  return verdict.allowed ? undefined : verdict.reason;
}

function mayUpdate(place: Place, experiment: Experiment) {
  const resource = addresses.experiment(place.projectKey, place.environmentKey, experiment.key);
  return { action: 'updateExperiment', resource };
}

type ButtonProps = Props & { iteration: Iteration };

function StartButton({ place, experiment, iteration }: ButtonProps) {
  const [isOpen, dialog] = useDisclosure(false);
  const readiness = useReadiness(place, experiment.key).data;
  const flagRefusal = useFlagRefusal(place, iteration);
  return (
    <>
      <Act
        may={mayUpdate(place, experiment)}
        disabledBecause={flagRefusal ?? readiness?.refusals[0]}
        leftSection={<IconPlayerPlay size={16} />}
        onClick={dialog.open}
      >
        Start
      </Act>
      <StartDialog {...{ place, experiment, iteration }} opened={isOpen} onClose={dialog.close} />
    </>
  );
}

function StopButton({ place, experiment, iteration }: ButtonProps) {
  const [isOpen, dialog] = useDisclosure(false);
  const flagRefusal = useFlagRefusal(place, iteration);
  return (
    <>
      <Act
        color="red"
        variant="light"
        may={mayUpdate(place, experiment)}
        disabledBecause={flagRefusal}
        leftSection={<IconPlayerStop size={16} />}
        onClick={dialog.open}
      >
        Stop
      </Act>
      <StopDialog {...{ place, experiment, iteration }} opened={isOpen} onClose={dialog.close} />
    </>
  );
}

/** What has stopped can run again, as it was or changed. */
function NextButton({ place, experiment, iteration }: ButtonProps) {
  const draft = useDraftIteration(place, experiment.key);
  const navigate = useNavigate();
  const begin = async () => {
    const done = await draft.mutateAsync(iterationOf(designOf(experiment, iteration))).catch(() => undefined);
    if (done) void navigate({ to: experimentPath(place, experiment.key), search: { tab: 'design' } });
  };
  return (
    <Act
      variant="default"
      may={mayUpdate(place, experiment)}
      loading={draft.isPending}
      leftSection={<IconRepeat size={16} />}
      onClick={() => void begin()}
    >
      Draft the next iteration
    </Act>
  );
}

function More({ place, experiment }: Props) {
  const [isOpen, dialog] = useDisclosure(false);
  const instruct = useInstruct(place, experiment.key);
  const state = stateOf(experiment);
  const resource = addresses.experiment(place.projectKey, place.environmentKey, experiment.key);
  const may = { action: 'updateExperimentArchived', resource };
  const isArchived = state === 'archived';
  return (
    <>
      <Menu position="bottom-end" withinPortal>
        <Menu.Target>
          <ActionIcon variant="default" size="lg" aria-label="More">
            <IconDots size={18} />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          <ActItem
            may={may}
            disabledBecause={state === 'running' && 'It is running: stop it first'}
            leftSection={isArchived ? <IconArchiveOff size={16} /> : <IconArchive size={16} />}
            onClick={dialog.open}
          >
            {isArchived ? 'Restore' : 'Archive'}
          </ActItem>
        </Menu.Dropdown>
      </Menu>
      <Confirm
        opened={isOpen}
        onClose={dialog.close}
        title={isArchived ? `Restore “${experiment.name}”?` : `Archive “${experiment.name}”?`}
        verb={isArchived ? 'Restore' : 'Archive'}
        comment="optional"
        onConfirm={(comment) =>
          instruct.mutateAsync({
            instructions: [{ kind: isArchived ? 'restoreExperiment' : 'archiveExperiment' }],
            comment,
            done: isArchived ? `Restored “${experiment.name}”.` : `Archived “${experiment.name}”.`,
          })
        }
      >
        {isArchived
          ? 'It appears among the others again, and can be started.'
          : 'It leaves the list, and keeps its results for good: you find it under “Archived”, and can restore it. Experiments are never deleted, so that what was learned stays.'}
      </Confirm>
    </>
  );
}
