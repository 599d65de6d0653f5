// Which variations are compared, who gets how much, and with what.
import { Alert, Group, NumberInput, Paper, Radio, Select, Slider, Stack, Switch, Text, TextInput } from '@mantine/core';
import { evenly, withShare } from '../allocation';
import type { Design } from '../design';
import { type Flag, useFlag } from '../questions';
import { AllocationBar } from './AllocationBar';
import type { StepProps } from './step';

export function TreatmentsStep({ place, design, change, problems }: StepProps) {
  const flag = useFlag(place, design.flagKey).data;
  if (!flag) return <Text>Choose a flag first: its variations are the treatments.</Text>;
  return (
    <Stack>
      <Variations flag={flag} design={design} change={change} />
      {(problems.treatments ?? problems.baseline) && (
        <Alert color="red" variant="light" py="xs" role="alert">
          {problems.treatments ?? problems.baseline}
        </Alert>
      )}
      <Audience design={design} change={change} problem={problems.audience} />
      <AllocationBar design={design} />
      {design.audience < 100 && (
        <Select
          label="Those who take no part get"
          data={flag.variations.map((each, at) => ({ value: each._id ?? '', label: labelOf(flag, at) }))}
          value={design.outsideId || design.baselineId || null}
          onChange={(outsideId) => outsideId && change({ outsideId })}
          allowDeselect={false}
          maw={320}
        />
      )}
    </Stack>
  );
}

type Part = { design: Design; change: (next: Partial<Design>) => void };

function Variations({ flag, design, change }: Part & { flag: Flag }) {
  return (
    <Radio.Group
      label="Treatments"
      description="The baseline is what the others are compared with: usually what everybody gets today."
      value={design.baselineId}
      onChange={(baselineId) => change({ baselineId })}
    >
      <Stack gap="sm" mt="xs">
        {flag.variations.map((variation, at) => (
          <VariationRow
            key={variation._id}
            id={variation._id ?? ''}
            label={labelOf(flag, at)}
            design={design}
            change={change}
          />
        ))}
      </Stack>
    </Radio.Group>
  );
}

function VariationRow({ id, label, design, change }: Part & { id: string; label: string }) {
  const at = design.treatments.findIndex((each) => each.variationId === id);
  const treatment = design.treatments[at];
  const set = (share: number) => {
    const shares = withShare(
      design.treatments.map((each) => each.share),
      at,
      share,
    );
    change({ treatments: design.treatments.map((each, place) => ({ ...each, share: shares[place] ?? 0 })) });
  };
  return (
    <Paper withBorder p="sm" radius="md">
      <Stack gap="xs">
        <Group justify="space-between" gap="sm">
          <Switch
            label={`Test ${label}`}
            checked={at >= 0}
            onChange={(event) => change(toggled(design, id, label, event.currentTarget.checked))}
          />
          {treatment && <Radio value={id} label="Baseline" aria-label={`${treatment.name || label} is the baseline`} />}
        </Group>
        {treatment && (
          <Group gap="md" align="flex-end">
            <TextInput
              label="Name"
              aria-label={`Name of the treatment with ${label}`}
              value={treatment.name}
              style={{ flex: '1 1 160px' }}
              onChange={(event) => {
                const name = event.currentTarget.value;
                change({
                  treatments: design.treatments.map((each, place) => (place === at ? { ...each, name } : each)),
                });
              }}
            />
            <Slider
              thumbLabel={`Share of ${treatment.name || label}`}
              value={treatment.share}
              onChange={set}
              label={(share) => `${share}%`}
              style={{ flex: '2 1 180px' }}
              mb={10}
            />
            <NumberInput
              aria-label={`Share of ${treatment.name || label} in percent`}
              value={treatment.share}
              onChange={(value) => typeof value === 'number' && set(value)}
              min={0}
              max={100}
              allowDecimal={false}
              suffix="%"
              w={92}
            />
          </Group>
        )}
      </Stack>
    </Paper>
  );
}

/** With a variation in or out, shares begin anew. */
function toggled(design: Design, id: string, label: string, isIn: boolean): Partial<Design> {
  const kept = isIn
    ? [...design.treatments, { variationId: id, name: label, share: 0 }]
    : design.treatments.filter((each) => each.variationId !== id);
  const shares = evenly(kept.length);
  const treatments = kept.map((each, place) => ({ ...each, share: shares[place] ?? 0 }));
  const hasBaseline = treatments.some((each) => each.variationId === design.baselineId);
  return { treatments, ...(hasBaseline ? {} : { baselineId: treatments[0]?.variationId ?? '' }) };
}

function Audience({ design, change, problem }: Part & { problem: string | undefined }) {
  return (
    <Stack gap={4}>
      <Text size="sm" fw={500} component="h3">
        Who takes part
      </Text>
      <Text size="xs" c="dimmed">
        The part of the rule's audience that is in the experiment. More people give an answer sooner; fewer limit what
        can go wrong.
      </Text>
      <Group gap="md" align="center">
        <Slider
          thumbLabel="Part of the audience"
          value={design.audience}
          onChange={(audience) => change({ audience })}
          label={(part) => `${part}%`}
          min={1}
          marks={[{ value: 10 }, { value: 50 }, { value: 100 }]}
          style={{ flex: '1 1 220px' }}
        />
        <NumberInput
          aria-label="Part of the audience in percent"
          value={design.audience}
          onChange={(value) => typeof value === 'number' && change({ audience: value })}
          min={0}
          max={100}
          decimalScale={2}
          suffix="%"
          error={problem}
          w={110}
        />
      </Group>
    </Stack>
  );
}

function labelOf(flag: Flag, at: number): string {
  const variation = flag.variations[at];
  if (!variation) return '';
  if (variation.name) return variation.name;
  return typeof variation.value === 'object' ? `variation ${at + 1}` : String(variation.value);
}
