// Turning a flag on or off from the palette: the same question as everywhere, and the same permission.
import { Confirm } from '@/components/Confirm';
import { useAct } from '@/lib/acts';
import { flag as flagAddress } from '@/lib/addresses';
import { answered, api, SEMANTIC_PATCH } from '@/lib/api/client';
import { useEnvironment } from '@/lib/workspace';

export interface Switching {
  projectKey: string;
  environmentKey: string;
  flagKey: string;
  name: string;
  turnOn: boolean;
}

export function FlagSwitch({ onClose, ...switching }: Switching & { onClose: () => void }) {
  const { projectKey, environmentKey, flagKey, name, turnOn } = switching;
  const environment = useEnvironment(projectKey, environmentKey);
  const turn = useTurn(switching);
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
      onConfirm={(comment) => turn.mutateAsync(comment)}
    >
      {turnOn
        ? `Its targeting rules decide who gets what in ${where}.`
        : `Everybody in ${where} gets the variation it serves while it is off.`}
    </Confirm>
  );
}

function useTurn({ projectKey, environmentKey, flagKey, name, turnOn }: Switching) {
  const verb = turnOn ? 'on' : 'off';
  return useAct<string>({
    doing: `turn ${verb} “${name}”`,
    act: (comment) =>
      answered(
        api.PATCH('/api/v2/flags/{projectKey}/{featureFlagKey}', {
          params: { path: { projectKey, featureFlagKey: flagKey } },
          headers: { 'Content-Type': SEMANTIC_PATCH },
          body: {
            environmentKey,
            instructions: [{ kind: turnOn ? 'turnFlagOn' : 'turnFlagOff' }],
            ...(comment && { comment }),
          },
        }),
      ),
    done: `“${name}” is ${verb} now.`,
    touches: ['flag'],
    quietFailure: true,
  });
}
