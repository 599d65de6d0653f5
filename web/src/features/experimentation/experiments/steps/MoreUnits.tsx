// Kinds of context that the project could randomize by as well.
import { Group, Stack, Text } from '@mantine/core';
import { IconPlus } from '@tabler/icons-react';
import { Act } from '@/components/Act';
import { Failure } from '@/components/Notices';
import { project } from '@/lib/addresses';
import type { Schema } from '@/lib/api/client';
import { useAddUnit } from '../acts';
import type { Place } from '../paths';
import { useContextKinds } from '../questions';

type Unit = Schema<'RandomizationUnitRep'>;

interface Props {
  place: Place;
  known: Unit[];
  onAdded: (unit: string) => void;
}

export function MoreUnits({ place, known, onAdded }: Props) {
  const kinds = useContextKinds(place.projectKey).data ?? [];
  const add = useAddUnit(place.projectKey, known);
  const others = kinds.filter((kind) => !known.some((each) => each.randomizationUnit === kind.key));
  if (others.length === 0) return null;
  return (
    <Stack gap="xs">
      <Text size="sm">The project can randomize by other kinds of context, too:</Text>
      <Group gap="xs">
        {others.map((kind) => (
          <Act
            key={kind.key}
            variant="default"
            size="compact-sm"
            leftSection={<IconPlus size={14} />}
            may={{
              action: 'updateAvailabilityForExperiments',
              resource: `${project(place.projectKey)}:context-kind/${kind.key}`,
            }}
            loading={add.isPending && add.variables === kind.key}
            onClick={() => add.mutate(kind.key, { onSuccess: () => onAdded(kind.key) })}
          >
            {`Randomize by ${kind.name}`}
          </Act>
        ))}
      </Group>
      {add.error && <Failure error={add.error} doing="add the unit" />}
    </Stack>
  );
}
