// The end of a flag: deprecated, archived and brought back, or deleted for good.
import { Group, Stack, Text } from '@mantine/core';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { Act } from '@/components/Act';
import { Confirm } from '@/components/Confirm';
import * as addresses from '@/lib/addresses';
import { useChangeFlag, useDeleteFlag } from '../acts';
import type { TabProps } from '../FlagPage';
import { useDependants } from '../questions';

type Asked = 'archive' | 'delete';

export function Ending({ projectKey, environmentKey, flag }: TabProps) {
  const [asked, setAsked] = useState<Asked>();
  const navigate = useNavigate();
  const resource = addresses.flag(projectKey, flag.key);
  const dependants = useDependants(projectKey, flag.key).data ?? [];
  const needed =
    dependants.length > 0 && `Needed by ${dependants.map((each) => each.key).join(', ')}: change that first.`;
  const archive = useChangeFlag(
    projectKey,
    flag.key,
    flag.archived ? 'restore the flag' : 'archive the flag',
    `${flag.key} is ${flag.archived ? 'restored' : 'archived'}.`,
  );
  const remove = useDeleteFlag(projectKey, flag.key);
  const on = Object.entries(flag.environments ?? {}).filter(([, config]) => config.on);
  const close = () => setAsked(undefined);

  return (
    <Stack gap="sm">
      <Text size="sm" c="dimmed">
        SDKs no longer receive an archived flag: code falls back to the value it gives itself. It can be restored as it
        was. A deleted flag is gone, and its key is free.
      </Text>
      <Group>
        <Act
          variant="default"
          may={{ action: 'updateGlobalArchived', resource }}
          disabledBecause={!flag.archived && needed}
          onClick={() => setAsked('archive')}
        >
          {flag.archived ? 'Restore' : 'Archive'}
        </Act>
        <Act
          variant="default"
          may={{ action: 'deleteFlag', resource }}
          disabledBecause={needed}
          onClick={() => setAsked('delete')}
        >
          Delete
        </Act>
      </Group>
      <Confirm
        opened={asked === 'archive'}
        onClose={close}
        title={flag.archived ? `Restore ${flag.key}?` : `Archive ${flag.key}?`}
        verb={flag.archived ? 'Restore' : 'Archive'}
        comment="optional"
        onConfirm={(comment) =>
          archive.mutateAsync({ instructions: [{ kind: flag.archived ? 'restoreFlag' : 'archiveFlag' }], comment })
        }
      >
        {flag.archived ? 'SDKs receive it again, with the targeting it had.' : standing(on.map(([key]) => key))}
      </Confirm>
      <Confirm
        opened={asked === 'delete'}
        onClose={close}
        title={`Delete ${flag.key}?`}
        verb="Delete"
        danger
        typed={flag.key}
        onConfirm={async () => {
          await remove.mutateAsync();
          await navigate({ to: '/projects/$projectKey/$environmentKey/flags', params: { projectKey, environmentKey } });
        }}
      >
        {standing(on.map(([key]) => key))} This cannot be undone.
      </Confirm>
    </Stack>
  );
}

function standing(on: string[]): string {
  if (on.length === 0) return 'It is off in every environment.';
  return `It is on in ${on.join(', ')}: code there gets the value it gives itself from now on.`;
}
