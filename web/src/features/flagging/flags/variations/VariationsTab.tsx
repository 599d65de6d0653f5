// The values a flag may have, where each is in use, and what new environments begin with.
import { Alert, Code, Group, Stack, Table, Text, Title } from '@mantine/core';
import { IconPencil, IconPlus, IconTrash } from '@tabler/icons-react';
import { useState } from 'react';
import { Act } from '@/components/Act';
import { Confirm } from '@/components/Confirm';
import * as addresses from '@/lib/addresses';
import { useEnvironments } from '@/lib/workspace';
import { useChangeFlag } from '../acts';
import type { TabProps } from '../FlagPage';
import { useDependants, useFlags } from '../questions';
import { kindOf, labelOf, textOf, type Variation } from '../values';
import { Defaults } from './Defaults';
import { EditVariation } from './EditVariation';
import { groupedUses, type Use, usesOf, whyKept } from './uses';

export function VariationsTab({ projectKey, flag }: TabProps) {
  const [edited, setEdited] = useState<number | 'new'>();
  const [removed, setRemoved] = useState<number>();
  const dependants = useDependants(projectKey, flag.key);
  const others = useFlags(projectKey, dependants.data?.map((each) => each.key) ?? []);
  const uses = usesOf(flag, others);
  const kind = kindOf(flag.variations);
  const change = useChangeFlag(projectKey, flag.key, 'change the variations', 'The variations are changed.');
  const may = { action: 'updateFlagVariations', resource: addresses.flag(projectKey, flag.key) };

  return (
    <Stack gap="lg">
      {flag._purpose === 'migration' && (
        <Alert color="blue" variant="light">
          The variations of a migration flag are its stages.
        </Alert>
      )}
      <Table.ScrollContainer minWidth={640}>
        <Table verticalSpacing="sm" aria-label="Variations">
          <Table.Thead>
            <Table.Tr>
              <Table.Th>Variation</Table.Th>
              <Table.Th>Value</Table.Th>
              <Table.Th>In use</Table.Th>
              <Table.Th>
                <span className="visually-hidden">Actions</span>
              </Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {flag.variations.map((variation, index) => (
              <Table.Tr key={variation._id ?? index}>
                <Table.Td miw={130}>
                  <Text size="sm" fw={600}>
                    {labelOf(variation)}
                  </Text>
                  {variation.description && (
                    <Text size="xs" c="dimmed">
                      {variation.description}
                    </Text>
                  )}
                </Table.Td>
                <Table.Td miw={90} maw={360}>
                  <Value of={variation} />
                </Table.Td>
                <Table.Td>
                  <Uses projectKey={projectKey} uses={uses[index] ?? []} />
                </Table.Td>
                <Table.Td>
                  <Group gap={4} justify="flex-end" wrap="nowrap">
                    <Act
                      size="xs"
                      variant="default"
                      leftSection={<IconPencil size={14} />}
                      may={may}
                      aria-label={`Edit ${labelOf(variation)}`}
                      onClick={() => setEdited(index)}
                    >
                      Edit
                    </Act>
                    <Act
                      size="xs"
                      variant="default"
                      leftSection={<IconTrash size={14} />}
                      may={may}
                      aria-label={`Remove ${labelOf(variation)}`}
                      disabledBecause={whyKept(flag, uses, index)}
                      onClick={() => setRemoved(index)}
                    >
                      Remove
                    </Act>
                  </Group>
                </Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </Table.ScrollContainer>
      <Group>
        <Act
          variant="default"
          leftSection={<IconPlus size={16} />}
          may={may}
          disabledBecause={kind === 'boolean' && 'A boolean flag has exactly two values, true and false.'}
          onClick={() => setEdited('new')}
        >
          Add a variation
        </Act>
      </Group>
      <section>
        <Title order={2} size="h4" mb="xs">
          New environments
        </Title>
        <Defaults projectKey={projectKey} flag={flag} />
      </section>
      <EditVariation
        flag={flag}
        edited={edited}
        uses={typeof edited === 'number' ? (uses[edited] ?? []) : []}
        onClose={() => setEdited(undefined)}
        onSave={(instruction) => change.mutateAsync({ instructions: [instruction] })}
      />
      <Confirm
        opened={removed !== undefined}
        onClose={() => setRemoved(undefined)}
        title={`Remove the variation ${removed === undefined ? '' : labelOf(flag.variations[removed])}?`}
        verb="Remove"
        danger
        comment="optional"
        onConfirm={(comment) => {
          const variationId = flag.variations[removed ?? -1]?._id;
          return change.mutateAsync({ instructions: [{ kind: 'removeVariation', variationId }], comment });
        }}
      >
        Nothing serves it. The variations after it move up by one place.
      </Confirm>
    </Stack>
  );
}

function Value({ of }: { of: Variation }) {
  const text = textOf(of.value);
  const isBlock = text.includes('\n');
  return (
    <Code block={isBlock} style={{ overflowWrap: 'anywhere', whiteSpace: 'pre-wrap' }} mah={220}>
      {text || '(empty text)'}
    </Code>
  );
}

export function Uses({ projectKey, uses }: { projectKey: string; uses: Use[] }) {
  const environments = useEnvironments(projectKey);
  if (uses.length === 0) return <Text size="sm">Nowhere</Text>;
  return (
    <Stack gap={2}>
      {groupedUses(uses).map(({ environmentKey, places }) => (
        <Text key={environmentKey} size="sm">
          {environments.find((each) => each.key === environmentKey)?.name ?? environmentKey}: {places.join(', ')}
        </Text>
      ))}
    </Stack>
  );
}
