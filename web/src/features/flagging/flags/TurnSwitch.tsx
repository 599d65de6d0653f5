// Turns a flag on and off in one environment; where much depends on it, it asks first.
import { Stack, Text } from '@mantine/core';
import { useState } from 'react';
import { ActSwitch } from '@/components/Act';
import { Confirm } from '@/components/Confirm';
import * as addresses from '@/lib/addresses';
import type { Environment } from '@/lib/workspace';
import { useTurn } from './acts';
import { useApprovalNeed } from './approvals';

interface Props {
  projectKey: string;
  flagKey: string;
  flagTags: readonly string[];
  environment: Environment;
  on: boolean;
  isArchived: boolean;
  /** Shown beside the switch; without it the switch is named for screen readers only. */
  label?: string;
}

export function TurnSwitch({ projectKey, flagKey, flagTags, environment, on, isArchived, label }: Props) {
  const [isAsking, setAsking] = useState(false);
  // Lists hold many switches: the dialog exists only for those that have asked.
  const [wasAsked, setWasAsked] = useState(false);
  const turn = useTurn(projectKey);
  const approval = useApprovalNeed(projectKey, flagKey, environment, flagTags);
  const next = { flagKey, environmentKey: environment.key, environmentName: environment.name, on: !on };
  const asksFirst = environment.critical || environment.requireComments || environment.confirmChanges;
  // What was asked for shows at once; the answer confirms it or takes it back.
  const isOn = turn.isPending ? (turn.variables?.on ?? on) : on;
  const ask = () => {
    setWasAsked(true);
    setAsking(true);
  };
  const verb = on ? 'Turn off' : 'Turn on';

  return (
    <>
      <ActSwitch
        checked={isOn}
        onChange={() => (asksFirst ? ask() : turn.mutate(next))}
        label={label ?? (isOn ? 'On' : 'Off')}
        aria-label={label ? undefined : `${flagKey} in ${environment.name}: ${isOn ? 'On' : 'Off'}`}
        withThumbIndicator={false}
        size="md"
        may={{ action: 'updateOn', resource: addresses.flag(projectKey, flagKey, environment.key) }}
        disabledBecause={isArchived ? 'This flag is archived: it is off everywhere until it is restored.' : approval}
      />
      {wasAsked && (
        <Confirm
          opened={isAsking}
          onClose={() => setAsking(false)}
          title={`${verb} ${flagKey} in ${environment.name}?`}
          verb={verb}
          danger={on && environment.critical}
          comment={environment.requireComments ? 'required' : 'optional'}
          onConfirm={(comment) => turn.mutateAsync({ ...next, comment })}
        >
          <Stack gap={4}>
            {environment.critical && <Text size="sm">{environment.name} is a critical environment.</Text>}
            <Text size="sm">
              {on
                ? 'Everybody gets the off variation from now on.'
                : 'Targets, rules and the default rule decide from now on.'}
            </Text>
          </Stack>
        </Confirm>
      )}
    </>
  );
}
