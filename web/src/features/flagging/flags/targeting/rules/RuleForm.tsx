// A rule being edited: its conditions, all of which must hold, and what it serves.
import { Button, Group, Stack, Text, TextInput } from '@mantine/core';
import { IconPlus } from '@tabler/icons-react';
import { useEffect, useRef } from 'react';
import { type Clause, newClause, type Rule } from '../model/draft';
import { ServeField } from '../ServeField';
import { ClauseFields } from './ClauseFields';

interface Props {
  rule: Rule;
  onChange: (rule: Rule) => void;
  onClose: () => void;
}

export function RuleForm({ rule, onChange, onClose }: Props) {
  const first = useRef<HTMLInputElement>(null);
  useEffect(() => first.current?.focus(), []); // whoever opens the form wants to be in it
  const put = (clauses: Clause[]) => onChange({ ...rule, clauses });
  return (
    <Stack gap="md">
      <TextInput
        ref={first}
        label="Description"
        description="What the rule is for, for whoever reads it (optional)"
        value={rule.description}
        onChange={(event) => onChange({ ...rule, description: event.currentTarget.value })}
      />
      <Stack gap="sm">
        {rule.clauses.map((clause, place) => (
          <Stack key={clause.id} gap={6}>
            {place > 0 && (
              <Text size="sm" fw={600}>
                and
              </Text>
            )}
            <ClauseFields
              clause={clause}
              place={place}
              onChange={(changed) => put(rule.clauses.map((each) => (each.id === clause.id ? changed : each)))}
              onRemove={() => put(rule.clauses.filter((each) => each.id !== clause.id))}
            />
          </Stack>
        ))}
        <Group>
          <Button
            variant="default"
            size="xs"
            leftSection={<IconPlus size={14} />}
            onClick={() => put([...rule.clauses, newClause()])}
          >
            Add a condition
          </Button>
        </Group>
      </Stack>
      <ServeField label="Serve" place={rule.id} serve={rule.serve} onChange={(serve) => onChange({ ...rule, serve })} />
      <Group>
        <Button variant="light" onClick={onClose}>
          Close the form
        </Button>
      </Group>
    </Stack>
  );
}
