// What can be set of an environment, new or not.
import { Checkbox, ColorInput, NumberInput, Stack, TagsInput, TextInput } from '@mantine/core';
import type { Draft } from './draft';

interface Props {
  draft: Draft;
  onChange: (draft: Draft) => void;
}

const RULES = [
  ['critical', 'Critical', 'Mistakes here hurt: people are asked twice before they change something.'],
  ['requireComments', 'Require comments', 'Each change of a flag says why it is made.'],
  ['confirmChanges', 'Confirm changes', 'Each change of a flag is confirmed before it is made.'],
  ['secureMode', 'Secure mode', 'Browsers must send a hash that your server makes, so that nobody asks for others.'],
  [
    'defaultTrackEvents',
    'Full events for new flags',
    'Send an event for each evaluation of flags created from now on.',
  ],
] as const;

export const SWATCHES = ['#417505', '#f5a623', '#2f7de1', '#8247e5', '#d0021b', '#00838f', '#795548', '#5f6b7a'];

export function EnvironmentForm({ draft, onChange }: Props) {
  const set = (change: Partial<Draft>) => onChange({ ...draft, ...change });
  return (
    <Stack>
      <TextInput
        label="Name"
        required
        value={draft.name}
        onChange={(event) => set({ name: event.currentTarget.value })}
        data-autofocus
      />
      <ColorInput
        label="Colour"
        description="Marks the environment wherever it is named."
        format="hex"
        eyeDropperButtonProps={{ 'aria-label': 'Pick a colour from the screen' }}
        swatches={SWATCHES}
        value={draft.color}
        onChange={(color) => set({ color })}
      />
      {RULES.map(([name, label, description]) => (
        <Checkbox
          key={name}
          label={label}
          description={description}
          checked={draft[name]}
          onChange={(event) => set({ [name]: event.currentTarget.checked })}
        />
      ))}
      <NumberInput
        label="TTL in minutes"
        description="How long PHP SDKs may keep what they were told, from 0 to 60."
        min={0}
        max={60}
        allowDecimal={false}
        value={draft.defaultTtl}
        onChange={(minutes) => set({ defaultTtl: typeof minutes === 'number' ? minutes : Number.NaN })}
      />
      <TagsInput
        label="Tags"
        description="Press Enter after each."
        value={draft.tags}
        onChange={(tags) => set({ tags })}
      />
    </Stack>
  );
}
