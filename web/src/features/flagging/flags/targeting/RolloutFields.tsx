// Shares of traffic: a slider for each variation, together always 100%.
import { Autocomplete, Button, Group, NumberInput, Slider, Stack, Text } from '@mantine/core';
import { useEffect, useRef, useState } from 'react';
import { labelOf } from '../values';
import { useEditing } from './editing';
import type { Rollout } from './model/draft';
import { even, reweighed, totalOf, type Weights, weightText } from './model/weights';
import classes from './Targeting.module.css';

interface Props {
  rollout: Rollout;
  onChange: (rollout: Rollout) => void;
  disabled?: boolean;
}

export function RolloutFields({ rollout, onChange, disabled }: Props) {
  const { variations, contextKinds, attributes } = useEditing();
  const weights: Weights = { ...Object.fromEntries(variations.map((each) => [each._id ?? '', 0])), ...rollout.weights };
  const put = (changed: Weights) => onChange({ ...rollout, weights: changed });
  // While a slider is held, the others keep the proportions they had when it was taken.
  const held = useRef<Weights | undefined>(undefined);
  const slide = (id: string, percent: number) => {
    held.current ??= weights;
    put(reweighed(held.current, id, percent * 1000));
  };
  const release = () => {
    held.current = undefined;
  };

  return (
    <Stack gap="sm" className={classes.inset}>
      {variations.map((variation, place) => {
        const id = variation._id ?? '';
        const weight = weights[id] ?? 0;
        const name = labelOf(variation, place);
        return (
          <div key={id} className={classes.share}>
            <Text size="sm" fw={500} className={classes.shareName}>
              {name}
            </Text>
            <Slider
              value={weight / 1000}
              onChange={(percent) => slide(id, percent)}
              onChangeEnd={release}
              min={0}
              max={100}
              step={1}
              label={(percent) => `${percent}%`}
              thumbLabel={`Share of ${name} in percent`}
              disabled={disabled}
            />
            <Percent
              label={`Share of ${name}`}
              weight={weight}
              onChange={(changed) => put(reweighed(weights, id, changed))}
              disabled={disabled}
            />
          </div>
        );
      })}
      <Group justify="space-between" gap="xs">
        <Text size="sm" c="dimmed" role="status">
          Together {weightText(totalOf(weights))}
        </Text>
        <Button size="xs" variant="default" onClick={() => put(even(weights))} disabled={disabled}>
          Split evenly
        </Button>
      </Group>
      <Group gap="sm" align="flex-start" grow preventGrowOverflow={false}>
        <Autocomplete
          label="Share out by"
          description="The kind of context that stays with what it got"
          data={contextKinds}
          value={rollout.contextKind}
          onChange={(contextKind) => onChange({ ...rollout, contextKind })}
          onBlur={() => rollout.contextKind || onChange({ ...rollout, contextKind: 'user' })}
          disabled={disabled}
          miw={160}
        />
        <Autocomplete
          label="Attribute"
          description="What tells them apart; the key if left empty"
          placeholder="key"
          data={attributes}
          value={rollout.bucketBy}
          onChange={(bucketBy) => onChange({ ...rollout, bucketBy })}
          disabled={disabled}
          miw={160}
        />
      </Group>
    </Stack>
  );
}

interface PercentProps {
  label: string;
  weight: number;
  onChange: (weight: number) => void;
  disabled?: boolean;
}

/** A share as a number; it counts once it is finished. */
function Percent({ label, weight, onChange, disabled }: PercentProps) {
  const [typed, setTyped] = useState<number | string>(weight / 1000);
  useEffect(() => setTyped(weight / 1000), [weight]);
  const finish = () => {
    const wanted = Math.round(Number(typed) * 1000);
    if (typed === '' || !Number.isFinite(wanted)) setTyped(weight / 1000);
    else if (wanted !== weight) onChange(wanted);
  };
  return (
    <NumberInput
      aria-label={label}
      value={typed}
      onChange={setTyped}
      onBlur={finish}
      onKeyDown={(event) => event.key === 'Enter' && finish()}
      min={0}
      max={100}
      decimalScale={3}
      suffix="%"
      hideControls
      disabled={disabled}
      w={100}
    />
  );
}
