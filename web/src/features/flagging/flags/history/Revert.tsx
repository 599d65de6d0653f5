// Puts a flag back into the state it had before a change: shows what that means, then does it as one patch.
import { Stack, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Confirm } from '@/components/Confirm';
import { Diff } from '@/components/Diff';
import { Failure, Waiting } from '@/components/Notices';
import { counted, moment } from '@/lib/formats';
import { useRevert } from '../acts';
import { type Entry, type Flag, readEntry, readFlag } from '../questions';
import { type Operation, patchBetween, stateBefore, stateNow } from './reverting';

interface Props {
  projectKey: string;
  flag: Flag;
  entry: Entry | undefined;
  /** The ids of all changes from the newest down to the one to go behind. */
  newer: string[];
  onClose: () => void;
}

export function Revert({ projectKey, flag, entry, newer, onClose }: Props) {
  const revert = useRevert(projectKey, flag.key);
  const plan = usePlan(projectKey, flag, newer, entry !== undefined);
  const patch = plan.data?.patch ?? [];
  return (
    <Confirm
      opened={entry !== undefined}
      onClose={onClose}
      title={entry ? `Go back to before ${moment(entry.date)}?` : ''}
      verb="Revert"
      comment="optional"
      size="xl"
      onConfirm={(comment) => {
        if (patch.length === 0) throw new Error('Nothing differs: the flag already is as it was then.');
        const told = comment || `Reverted to before the change of ${entry ? moment(entry.date) : ''}`;
        return revert.mutateAsync({ patch, comment: told });
      }}
    >
      <Stack gap="sm">
        <Text size="sm">
          This undoes {counted(newer.length, 'change')} of this flag, the newest ones, in one step. Experiments and
          other flags are not touched.
        </Text>
        {plan.error && <Failure error={plan.error} doing="read the earlier state" />}
        {plan.isPending && !plan.error && <Waiting what="the earlier state" lines={3} />}
        {plan.data && <Diff before={plan.data.now} after={plan.data.then} label="What will be different" />}
      </Stack>
    </Confirm>
  );
}

interface Plan {
  now: Record<string, unknown>;
  then: Record<string, unknown>;
  patch: Operation[];
}

function usePlan(projectKey: string, flag: Flag, newer: string[], isWanted: boolean) {
  return useQuery({
    queryKey: ['flag', projectKey, 'revert', flag.key, newer.length, newer.at(-1), newer[0]] as const,
    queryFn: async (): Promise<Plan> => {
      const [current, ...changes] = await Promise.all([
        readFlag(projectKey, flag.key),
        ...newer.map((id) => readEntry(id)),
      ]);
      const then = stateBefore(changes);
      const now = stateNow(current, then);
      return { now, then, patch: patchBetween(now, then, current._version) };
    },
    enabled: isWanted,
    staleTime: 0,
  });
}
