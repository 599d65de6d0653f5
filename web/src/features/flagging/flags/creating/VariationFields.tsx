// The values of a flag that is being created, checked while they are typed.
import { ActionIcon, Button, Group, JsonInput, Stack, Text, TextInput, Tooltip } from '@mantine/core';
import { IconPlus, IconTrash } from '@tabler/icons-react';
import { type Kind, problemsOf } from '../values';
import { newVariation, type VariationDraft } from './draft';

interface Props {
  kind: Kind;
  variations: VariationDraft[];
  onChange: (variations: VariationDraft[]) => void;
}

export function VariationFields({ kind, variations, onChange }: Props) {
  const problems = problemsOf(
    kind,
    variations.map((each) => each.text),
  );
  const change = (id: number, next: Partial<VariationDraft>) =>
    onChange(variations.map((each) => (each.id === id ? { ...each, ...next } : each)));
  return (
    <Stack gap="xs" role="group" aria-label="Variations">
      {variations.map((each, place) => (
        <Group key={each.id} align="flex-start" gap="xs" wrap="nowrap">
          <ValueField
            kind={kind}
            label={`Value of variation ${place + 1}`}
            text={each.text}
            problem={each.text === '' ? undefined : problems[place]}
            onChange={(text) => change(each.id, { text })}
          />
          <TextInput
            aria-label={`Name of variation ${place + 1}`}
            placeholder="Name (optional)"
            value={each.name}
            onChange={(event) => change(each.id, { name: event.currentTarget.value })}
            style={{ flex: 1 }}
          />
          {kind !== 'boolean' && (
            <Tooltip label={variations.length > 2 ? 'Remove' : 'A flag has at least two variations'}>
              <ActionIcon
                variant="subtle"
                color="gray"
                mt={4}
                aria-label={`Remove variation ${place + 1}`}
                aria-disabled={variations.length <= 2}
                data-disabled={variations.length <= 2 || undefined}
                onClick={() => variations.length > 2 && onChange(variations.filter(({ id }) => id !== each.id))}
              >
                <IconTrash size={16} />
              </ActionIcon>
            </Tooltip>
          )}
        </Group>
      ))}
      {kind !== 'boolean' && (
        <Button
          variant="subtle"
          size="xs"
          leftSection={<IconPlus size={14} />}
          onClick={() => onChange([...variations, newVariation()])}
          style={{ alignSelf: 'flex-start' }}
        >
          Add a variation
        </Button>
      )}
    </Stack>
  );
}

interface FieldProps {
  kind: Kind;
  label: string;
  text: string;
  problem: string | undefined;
  onChange: (text: string) => void;
}

/** A field for one value of a kind. */
export function ValueField({ kind, label, text, problem, onChange }: FieldProps) {
  const mono = { input: { fontFamily: 'var(--mantine-font-family-monospace)' } };
  if (kind === 'boolean') {
    return (
      <Text ff="monospace" size="sm" w={60} pt={8} aria-label={label}>
        {text}
      </Text>
    );
  }
  if (kind === 'json') {
    return (
      <JsonInput
        aria-label={label}
        value={text}
        onChange={onChange}
        error={problem}
        autosize
        minRows={2}
        maxRows={16}
        styles={mono}
        style={{ flex: 2 }}
      />
    );
  }
  return (
    <TextInput
      aria-label={label}
      placeholder={kind === 'number' ? '10' : 'Value'}
      inputMode={kind === 'number' ? 'decimal' : undefined}
      value={text}
      onChange={(event) => onChange(event.currentTarget.value)}
      error={problem}
      styles={mono}
      style={{ flex: 1 }}
    />
  );
}
