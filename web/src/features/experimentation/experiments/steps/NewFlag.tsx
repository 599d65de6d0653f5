// A flag made on the way, with the variations to be compared.
import { ActionIcon, Button, Group, Paper, SegmentedControl, Stack, TextInput } from '@mantine/core';
import { IconPlus, IconTrash } from '@tabler/icons-react';
import { useState } from 'react';
import { Act } from '@/components/Act';
import { Failure } from '@/components/Notices';
import * as addresses from '@/lib/addresses';
import { keyFrom } from '@/lib/formats';
import { useCreateFlag } from '../acts';
import type { Place } from '../paths';
import type { Flag } from '../questions';

interface Value {
  id: number;
  text: string;
}

export function NewFlag({ place, onMade }: { place: Place; onMade: (flag: Flag) => void }) {
  const create = useCreateFlag(place);
  const [name, setName] = useState('');
  const [kind, setKind] = useState<'boolean' | 'string'>('boolean');
  const [values, setValues] = useState<Value[]>([
    { id: 1, text: '' },
    { id: 2, text: '' },
  ]);
  const texts = values.map((each) => each.text.trim());
  const missing = whatIsMissing(name, kind, texts);

  const submit = async () => {
    const variations =
      kind === 'boolean'
        ? [
            { value: true, name: 'On' },
            { value: false, name: 'Off' },
          ]
        : texts.map((text) => ({ value: text, name: text }));
    const clientSideAvailability = { usingEnvironmentId: true, usingMobileKey: true };
    const body = { key: keyFrom(name), name: name.trim(), variations, clientSideAvailability, temporary: true };
    const made = await create
      .mutateAsync({ ...body, initialPrerequisites: [], isFlagOn: false })
      .catch(() => undefined);
    if (made) onMade(made);
  };

  return (
    <Paper withBorder p="md">
      <Stack gap="sm">
        <TextInput
          label="Name of the flag"
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
          description={name ? `Its key will be ${keyFrom(name)}.` : undefined}
        />
        <SegmentedControl
          aria-label="Kind of variations"
          value={kind}
          onChange={(value) => setKind(value as 'boolean' | 'string')}
          data={[
            { value: 'boolean', label: 'On and off' },
            { value: 'string', label: 'Texts' },
          ]}
        />
        {kind === 'string' && <Values values={values} onChange={setValues} />}
        {create.error && <Failure error={create.error} doing="create the flag" />}
        <Group>
          <Act
            may={{ action: 'createFlag', resource: addresses.flag(place.projectKey, '*') }}
            disabledBecause={missing}
            loading={create.isPending}
            onClick={() => void submit()}
          >
            Create and turn on in {place.environmentKey}
          </Act>
        </Group>
      </Stack>
    </Paper>
  );
}

function Values({ values, onChange }: { values: Value[]; onChange: (values: Value[]) => void }) {
  return (
    <Stack gap="xs">
      {values.map((value, place) => (
        <Group key={value.id} gap="xs" align="flex-end" wrap="nowrap">
          <TextInput
            label={`Value ${place + 1}`}
            style={{ flex: 1 }}
            value={value.text}
            onChange={(event) => {
              const text = event.currentTarget.value;
              onChange(values.map((each) => (each.id === value.id ? { ...each, text } : each)));
            }}
          />
          <ActionIcon
            variant="subtle"
            color="gray"
            size="lg"
            aria-label={`Remove value ${place + 1}`}
            disabled={values.length < 3}
            onClick={() => onChange(values.filter((each) => each.id !== value.id))}
          >
            <IconTrash size={16} />
          </ActionIcon>
        </Group>
      ))}
      <Group>
        <Button
          variant="subtle"
          size="compact-sm"
          leftSection={<IconPlus size={14} />}
          onClick={() => onChange([...values, { id: Math.max(...values.map((each) => each.id)) + 1, text: '' }])}
        >
          Add a value
        </Button>
      </Group>
    </Stack>
  );
}

function whatIsMissing(name: string, kind: 'boolean' | 'string', texts: string[]): string | undefined {
  if (!keyFrom(name)) return 'Give the flag a name';
  if (kind === 'string' && texts.some((text) => !text)) return 'Give every value a text';
  if (kind === 'string' && new Set(texts).size < texts.length) return 'Give every value a text of its own';
  return undefined;
}
