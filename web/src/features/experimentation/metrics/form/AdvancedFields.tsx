// What few metrics need: a window after the first exposure, and caps for extreme values.
import { Collapse, Group, NumberInput, Stack, Text, UnstyledButton } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { IconChevronDown, IconChevronRight } from '@tabler/icons-react';
import { type Draft, mayBeCapped } from '../draft/draft';
import { fieldId, type Writing } from './useDraft';

type Field = 'windowStart' | 'windowEnd' | 'winsorLower' | 'winsorUpper';

export function AdvancedFields({ writing }: { writing: Writing }) {
  const { draft, told } = writing;
  const hasSome = draft.windowStart !== null || draft.windowEnd !== null || draft.winsorUpper !== null;
  const isWrong = ['windowStart', 'windowEnd', 'winsorLower', 'winsorUpper'].some(told);
  const [isOpen, { toggle }] = useDisclosure(hasSome);
  return (
    <Stack gap="sm">
      <UnstyledButton onClick={toggle} aria-expanded={isOpen || isWrong}>
        <Group gap={6}>
          {isOpen || isWrong ? <IconChevronDown size={16} /> : <IconChevronRight size={16} />}
          <Text size="sm" fw={600}>
            {mayBeCapped(draft) ? 'Window and extreme values' : 'Window'}
          </Text>
        </Group>
      </UnstyledButton>
      <Collapse expanded={isOpen || isWrong}>
        <Stack gap="md">
          <Pair
            writing={writing}
            what="Count events only within some hours after a unit’s first exposure; empty means without end."
            fields={[
              ['windowStart', 'From hour'],
              ['windowEnd', 'Until hour'],
            ]}
          />
          {mayBeCapped(draft) && (
            <Pair
              writing={writing}
              what="Bring values beyond a percentile back to it, so that a few extreme ones do not decide. 99 above is common."
              fields={[
                ['winsorLower', 'Below percentile'],
                ['winsorUpper', 'Above percentile'],
              ]}
            />
          )}
        </Stack>
      </Collapse>
    </Stack>
  );
}

interface PairProps {
  writing: Writing;
  what: string;
  fields: [Field, string][];
}

function Pair({ writing: { draft, change, told, leave }, what, fields }: PairProps) {
  return (
    <Stack gap={4}>
      <Text size="sm" c="dimmed">
        {what}
      </Text>
      <Group gap="sm" align="flex-start">
        {fields.map(([field, label]) => (
          <NumberInput
            key={field}
            id={fieldId(field)}
            label={label}
            value={draft[field] ?? ''}
            onChange={(value) => {
              leave(field);
              change({ [field]: value === '' ? null : Number(value) } as Partial<Draft>);
            }}
            error={told(field)}
            w={160}
          />
        ))}
      </Group>
    </Stack>
  );
}
