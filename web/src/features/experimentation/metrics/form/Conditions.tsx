// Which of the events count: conditions on what an event carries, or on whom it is about.

import { ActionIcon, Button, Checkbox, Group, SegmentedControl, Select, Stack, Text, TextInput } from '@mantine/core';
import { IconPlus, IconTrash } from '@tabler/icons-react';
import type { Condition } from '../draft/conditions';
import { fieldId, type Writing } from './useDraft';

const OPERATORS = [
  { value: 'in', label: 'is one of' },
  { value: 'startsWith', label: 'starts with' },
  { value: 'endsWith', label: 'ends with' },
  { value: 'contains', label: 'contains' },
  { value: 'matches', label: 'matches (regular expression)' },
  { value: 'lessThan', label: '<' },
  { value: 'lessThanOrEqual', label: '≤' },
  { value: 'greaterThan', label: '>' },
  { value: 'greaterThanOrEqual', label: '≥' },
  { value: 'before', label: 'is before' },
  { value: 'after', label: 'is after' },
  { value: 'semVerEqual', label: 'is version' },
  { value: 'semVerLessThan', label: 'is older than version' },
  { value: 'semVerGreaterThan', label: 'is newer than version' },
];

export function Conditions({ writing }: { writing: Writing }) {
  const { draft, change } = writing;
  const { conditions } = draft;
  if (conditions === null) {
    return (
      <Text size="sm" c="dimmed">
        This metric has nested conditions, which stay as they are; change them by the API.
      </Text>
    );
  }
  const put = (changed: Condition) =>
    change({ conditions: conditions.map((each) => (each.id === changed.id ? changed : each)) });
  const add = () => {
    const id = Math.max(0, ...conditions.map((each) => each.id)) + 1;
    change({
      conditions: [
        ...conditions,
        { id, source: 'eventProperty', attribute: '', op: 'in', values: '', negate: false, contextKind: 'user' },
      ],
    });
  };
  return (
    <Stack gap="sm">
      {conditions.length > 1 && (
        <SegmentedControl
          w="fit-content"
          aria-label="How many conditions must hold"
          value={draft.conditionsJoin}
          onChange={(join) => change({ conditionsJoin: join as 'and' | 'or' })}
          data={[
            { value: 'and', label: 'All must hold' },
            { value: 'or', label: 'Any must hold' },
          ]}
        />
      )}
      {conditions.map((condition, place) => (
        <Line
          key={condition.id}
          number={place + 1}
          condition={condition}
          error={writing.told(`condition ${condition.id}`)}
          onChange={put}
          onLeave={() => writing.leave(`condition ${condition.id}`)}
          onRemove={() => change({ conditions: conditions.filter(({ id }) => id !== condition.id) })}
        />
      ))}
      <Button variant="subtle" size="compact-sm" w="fit-content" leftSection={<IconPlus size={14} />} onClick={add}>
        {conditions.length === 0 ? 'Count only some of these events' : 'Add a condition'}
      </Button>
    </Stack>
  );
}

interface LineProps {
  number: number;
  condition: Condition;
  error: string | undefined;
  onChange: (changed: Condition) => void;
  onLeave: () => void;
  onRemove: () => void;
}

function Line({ number, condition, error, onChange, onLeave, onRemove }: LineProps) {
  const put = (changed: Partial<Condition>) => onChange({ ...condition, ...changed });
  const named = `of condition ${number}`;
  return (
    <Stack gap={4} role="group" aria-label={`Condition ${number}`}>
      <Group gap="xs" align="flex-start">
        <Select
          aria-label={`What to look at ${named}`}
          value={condition.source}
          onChange={(source) => source && put({ source: source as Condition['source'] })}
          data={[
            { value: 'eventProperty', label: 'Event data' },
            { value: 'contextAttribute', label: 'Context' },
          ]}
          allowDeselect={false}
          w={130}
        />
        {condition.source === 'contextAttribute' && (
          <TextInput
            aria-label={`Kind of context ${named}`}
            value={condition.contextKind}
            onChange={(event) => put({ contextKind: event.currentTarget.value })}
            w={90}
          />
        )}
        <TextInput
          id={fieldId(`condition ${condition.id}`)}
          aria-label={`Attribute ${named}`}
          placeholder="currency"
          value={condition.attribute}
          onChange={(event) => put({ attribute: event.currentTarget.value })}
          w={130}
        />
        <Select
          aria-label={`Comparison ${named}`}
          value={condition.op}
          onChange={(op) => op && put({ op })}
          data={OPERATORS}
          allowDeselect={false}
          w={150}
        />
        <TextInput
          aria-label={`Values ${named}, divided by commas`}
          placeholder="EUR, USD"
          value={condition.values}
          onChange={(event) => put({ values: event.currentTarget.value })}
          onBlur={onLeave}
          error={Boolean(error)}
          flex={1}
          miw={120}
        />
      </Group>
      <Group justify="space-between">
        <Checkbox
          size="xs"
          label="Must not hold"
          checked={condition.negate}
          onChange={(event) => put({ negate: event.currentTarget.checked })}
        />
        <Text size="xs" c="var(--mantine-color-error)" role={error ? 'alert' : undefined} flex={1}>
          {error}
        </Text>
        <ActionIcon
          variant="subtle"
          color="gray"
          size="lg"
          onClick={onRemove}
          aria-label={`Remove condition ${number}`}
        >
          <IconTrash size={16} />
        </ActionIcon>
      </Group>
    </Stack>
  );
}
