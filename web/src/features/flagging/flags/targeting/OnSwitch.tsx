// Whether targeting is on, and what that means right now.
import { Group, Paper, Text } from '@mantine/core';
import { memo } from 'react';
import { ActSwitch } from '@/components/Act';
import { Chip } from '@/components/Chip';
import { useEditing } from './editing';

interface Props {
  on: boolean;
  isChanged: boolean;
  offVariationId: string;
  isArchived: boolean;
}

export const OnSwitch = memo(function OnSwitch({ on, isChanged, offVariationId, isArchived }: Props) {
  const { change, deed, environmentName, nameOf } = useEditing();
  const off = offVariationId ? `“${nameOf(offVariationId)}”` : 'the fallback in the code';
  return (
    <Paper component="section" withBorder radius="md" p={{ base: 'sm', sm: 'md' }} aria-label="On or off">
      <Group justify="space-between" gap="sm">
        <div>
          <Group gap="xs">
            <Text fw={600}>
              Targeting {isChanged ? 'will be' : 'is'} {on ? 'on' : 'off'} in {environmentName}.
            </Text>
            {isChanged && <Chip tone="info">Changed</Chip>}
          </Group>
          <Text size="sm" c="dimmed">
            {on ? 'Targets, rules and the default rule below decide.' : `Everybody gets ${off}, whatever is set below.`}
          </Text>
        </div>
        <ActSwitch
          size="lg"
          checked={on}
          onLabel="On"
          offLabel="Off"
          aria-label="Targeting"
          may={deed('updateOn')}
          disabledBecause={isArchived && 'This flag is archived: it is off everywhere until it is restored.'}
          onChange={(wanted) => change((before) => ({ ...before, on: wanted }))}
        />
      </Group>
    </Paper>
  );
});
