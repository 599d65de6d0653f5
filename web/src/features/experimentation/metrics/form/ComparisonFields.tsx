// How variations are compared by the metric: which way is better, in what unit, by mean or percentile, about whom.
import { NumberInput, SegmentedControl, Select, Stack, Switch, TagsInput, Text, TextInput } from '@mantine/core';
import { isNumeric, isOfEvents, mayBePercentile, mayLeaveOut } from '../draft/draft';
import { plural } from '../draft/meaning';
import { useContextKinds } from '../questions';
import { fieldId, type Writing } from './useDraft';

const PERCENTILES = ['50', '75', '90', '95', '99'];

export function ComparisonFields({ writing, projectKey }: { writing: Writing; projectKey: string }) {
  const { draft, change, told, leave } = writing;
  return (
    <Stack gap="md">
      {isOfEvents(draft.shape) ? (
        <Direction isHigher={draft.higherIsBetter} onChange={(higherIsBetter) => change({ higherIsBetter })} />
      ) : (
        <Switch
          label="Count how many times, not whether at all"
          checked={draft.countsTimes}
          onChange={(event) => change({ countsTimes: event.currentTarget.checked })}
        />
      )}
      {isNumeric(draft) && (
        <TextInput
          id={fieldId('unit')}
          label="Unit of the number"
          placeholder="EUR, ms, items"
          value={draft.unit}
          onChange={(event) => change({ unit: event.currentTarget.value })}
          onBlur={() => leave('unit')}
          error={told('unit')}
          w={220}
          withAsterisk
        />
      )}
      {mayBePercentile(draft) && <MeanOrPercentile writing={writing} />}
      {mayLeaveOut(draft) && <Absent writing={writing} />}
      <Units writing={writing} projectKey={projectKey} />
    </Stack>
  );
}

function Direction({ isHigher, onChange }: { isHigher: boolean; onChange: (isHigher: boolean) => void }) {
  return (
    <Labelled label="A variation is better when the number is">
      <SegmentedControl
        aria-label="A variation is better when the number is"
        w="fit-content"
        value={isHigher ? 'higher' : 'lower'}
        onChange={(value) => onChange(value === 'higher')}
        data={[
          { value: 'higher', label: 'Higher' },
          { value: 'lower', label: 'Lower' },
        ]}
      />
    </Labelled>
  );
}

function MeanOrPercentile({ writing: { draft, change, told } }: { writing: Writing }) {
  const isCommon = draft.percentile === null || PERCENTILES.includes(String(draft.percentile));
  const chosen = draft.percentile === null ? 'mean' : isCommon ? String(draft.percentile) : 'other';
  return (
    <Stack gap="xs">
      <Select
        label="Compare"
        description="The mean says how much in all; a percentile says how it is for those at the edge, such as slow pages."
        value={chosen}
        onChange={(value) => change({ percentile: value === 'mean' ? null : value === 'other' ? 99.9 : Number(value) })}
        data={[
          { value: 'mean', label: 'The mean' },
          ...PERCENTILES.map((value) => ({ value, label: `The ${value}th percentile` })),
          { value: 'other', label: 'Another percentile' },
        ]}
        allowDeselect={false}
        w={280}
      />
      {chosen === 'other' && (
        <NumberInput
          id={fieldId('percentile')}
          label="Percentile"
          value={draft.percentile ?? ''}
          onChange={(value) => change({ percentile: value === '' ? 0 : Number(value) })}
          min={0}
          max={100}
          error={told('percentile')}
          w={140}
        />
      )}
    </Stack>
  );
}

function Absent({ writing: { draft, change } }: { writing: Writing }) {
  const whom = plural(draft.analysisUnits[0] ?? 'user');
  const label = `${whom} without an event`;
  return (
    <Labelled label={label.charAt(0).toUpperCase() + label.slice(1)}>
      <SegmentedControl
        aria-label={label}
        w="fit-content"
        value={draft.leavesOutAbsent ? 'out' : 'zero'}
        onChange={(value) => change({ leavesOutAbsent: value === 'out' })}
        data={[
          { value: 'zero', label: 'Count as 0' },
          { value: 'out', label: 'Are left out' },
        ]}
      />
      <Text size="xs" c="dimmed">
        {draft.leavesOutAbsent
          ? 'Only those with an event are compared. A variation that changes who has one then compares different people.'
          : 'Everybody in the experiment is compared; the usual choice.'}
      </Text>
    </Labelled>
  );
}

function Units({ writing: { draft, change, told, leave }, projectKey }: { writing: Writing; projectKey: string }) {
  const { data: kinds = ['user'] } = useContextKinds(projectKey);
  return (
    <TagsInput
      id={fieldId('analysisUnits')}
      label="Measured for each"
      description="The kinds of context that experiments may be randomized by to use this metric."
      value={draft.analysisUnits}
      onChange={(analysisUnits) => change({ analysisUnits })}
      onBlur={() => leave('analysisUnits')}
      data={kinds}
      error={told('analysisUnits')}
      acceptValueOnBlur
      withAsterisk
    />
  );
}

function Labelled({ label, children }: { label: string; children: React.ReactNode }) {
  return (
    <Stack gap={4}>
      <Text size="sm" fw={500} aria-hidden>
        {label}
      </Text>
      {children}
    </Stack>
  );
}
