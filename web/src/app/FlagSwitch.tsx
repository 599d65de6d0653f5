// Turning a flag on or off from the palette: the same question as everywhere, and the same permission.
import { Confirm } from '@/components/Confirm';
import { useTurn } from '@/features/flagging/flags/acts';
import { flag as flagAddress } from '@/lib/addresses';
import { useEnvironment } from '@/lib/workspace';

export interface Switching {
  projectKey: string;
  environmentKey: string;
  flagKey: string;
  name: string;
  turnOn: boolean;
}

interface Props extends Switching {
  onClose: () => void;
}

export function FlagSwitch({ projectKey, environmentKey, flagKey, name, turnOn, onClose }: Props) {
  const environment = useEnvironment(projectKey, environmentKey);
  const turn = useTurn(projectKey);
  const verb = turnOn ? 'Turn on' : 'Turn off';
  const where = environment?.name ?? environmentKey;
  return (
    <Confirm
      opened
      onClose={onClose}
      title={`${verb} “${name}” in ${where}?`}
      verb={verb}
      danger={!turnOn}
      may={{ action: 'updateOn', resource: flagAddress(projectKey, flagKey, environmentKey) }}
      comment={environment?.requireComments ? 'required' : 'optional'}
      onConfirm={(comment) =>
        turn.mutateAsync({ flagKey, environmentKey, environmentName: where, on: turnOn, comment })
      }
    >
      {turnOn
        ? `Its targeting rules decide who gets what in ${where}.`
        : `Everybody in ${where} gets the variation it serves while it is off.`}
    </Confirm>
  );
}
