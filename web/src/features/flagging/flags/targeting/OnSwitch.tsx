// Whether targeting is on, and what that means right now.
import { Group, Paper, Text } from '@mantine/core';
import { ActSwitch } from '@/components/Act';
import { Chip } from '@/components/Chip';
import { useEditing } from './editing';

export function OnSwitch() {
  const { draft, change, deed, environmentName, nameOf, changes } = useEditing();
  const isChanged = changes.some(({ action }) => action === 'updateOn');
  const off = draft.offVariationId ? `“${nameOf(draft.offVariationId)}”` : 'the fallback in the code';
  return (
    <Paper component="section" withBorder radius="md" p={{ base: 'sm', sm: 'md' }} aria-label="On or off">
      <Group justify="space-between" gap="sm">
        <div>
          <Group gap="xs">
            <Text fw={600}>
              Targeting {isChanged ? 'will be' : 'is'} {draft.on ? 'on' : 'off'} in {environmentName}.
            </Text>
            {isChanged && <Chip tone="info">Changed</Chip>}
          </Group>
          <Text size="sm" c="dimmed">
            {draft.on
              ? 'Targets, rules and the default rule below decide.'
              : `Everybody gets ${off}, whatever is set below.`}
          </Text>
        </div>
        <ActSwitch
          size="lg"
          checked={draft.on}
          onLabel="On"
          offLabel="Off"
          aria-label="Targeting"
          may={deed('updateOn')}
          onChange={(on) => change((before) => ({ ...before, on }))}
        />
      </Group>
    </Paper>
  );
}
