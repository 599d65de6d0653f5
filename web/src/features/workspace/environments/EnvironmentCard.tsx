// One environment: what it is called, how careful it is, and its keys.
import { ActionIcon, Box, Group, Menu, Paper, Stack, Title } from '@mantine/core';
import { IconDots } from '@tabler/icons-react';
import { useState } from 'react';
import { ActItem } from '@/components/Act';
import { Chip } from '@/components/Chip';
import { Confirm } from '@/components/Confirm';
import { CopyableKey } from '@/components/Copyable';
import * as addresses from '@/lib/addresses';
import type { Environment } from '@/lib/workspace';
import { useDeleteEnvironment } from './acts';
import { ChangeEnvironment } from './ChangeEnvironment';
import { Keys } from './Keys';

interface Props {
  projectKey: string;
  environment: Environment;
  /** A project keeps at least one. */
  isLast: boolean;
}

export function EnvironmentCard({ projectKey, environment, isLast }: Props) {
  const heading = `environment-${environment.key}`;
  return (
    <Paper component="section" withBorder p="md" aria-labelledby={heading}>
      <Stack gap="sm">
        <Group justify="space-between" wrap="nowrap" align="flex-start">
          <Group gap="xs" style={{ minWidth: 0 }}>
            <Box
              component="span"
              aria-hidden
              w={14}
              h={14}
              bg={`#${environment.color}`}
              style={{ borderRadius: 4, flex: 'none' }}
            />
            <Title order={2} size="h4" id={heading} style={{ overflowWrap: 'anywhere' }}>
              {environment.name}
            </Title>
            <CopyableKey value={environment.key} what={`the key of ${environment.name}`} />
            <Rules environment={environment} />
          </Group>
          <Actions projectKey={projectKey} environment={environment} isLast={isLast} />
        </Group>
        <Keys projectKey={projectKey} environment={environment} />
      </Stack>
    </Paper>
  );
}

function Rules({ environment }: { environment: Environment }) {
  const { critical, requireComments, confirmChanges, secureMode, defaultTrackEvents, tags } = environment;
  return (
    <Group gap={4}>
      {critical && (
        <Chip tone="warn" why="People are asked twice before they change something here">
          Critical
        </Chip>
      )}
      {requireComments && <Chip why="Each change here says why it is made">Comments required</Chip>}
      {confirmChanges && <Chip why="Each change here is confirmed before it is made">Changes confirmed</Chip>}
      {secureMode && <Chip why="Browsers must prove whom they ask for, with a hash from your server">Secure mode</Chip>}
      {defaultTrackEvents && <Chip why="New flags send an event for each evaluation here">Full events</Chip>}
      {tags.map((tag) => (
        <Chip key={tag} tone="info">
          {tag}
        </Chip>
      ))}
    </Group>
  );
}

function Actions({ projectKey, environment, isLast }: Props) {
  const [doing, setDoing] = useState<'change' | 'delete'>();
  const remove = useDeleteEnvironment(projectKey);
  const resource = addresses.environment(projectKey, environment.key);
  const close = () => setDoing(undefined);
  return (
    <>
      <Menu position="bottom-end" width={240}>
        <Menu.Target>
          <ActionIcon variant="subtle" color="gray" aria-label={`Actions for ${environment.name}`}>
            <IconDots size={18} />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          <ActItem may={{ action: 'updateName', resource }} onClick={() => setDoing('change')}>
            Edit
          </ActItem>
          <ActItem
            color="red"
            may={{ action: 'deleteEnvironment', resource }}
            disabledBecause={isLast && 'The last environment of a project cannot be deleted'}
            onClick={() => setDoing('delete')}
          >
            Delete
          </ActItem>
        </Menu.Dropdown>
      </Menu>
      <ChangeEnvironment
        projectKey={projectKey}
        environment={environment}
        opened={doing === 'change'}
        onClose={close}
      />
      <Confirm
        opened={doing === 'delete'}
        onClose={close}
        title={`Delete ${environment.name}?`}
        verb="Delete environment"
        danger
        typed={environment.key}
        onConfirm={() => remove.mutateAsync(environment)}
      >
        What each flag serves in {environment.name} is gone for good, with its experiments. Its keys stop working at
        once: SDKs that use them serve the fallback values in your code.
      </Confirm>
    </>
  );
}
