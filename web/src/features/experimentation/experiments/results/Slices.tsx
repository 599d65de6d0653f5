// The difference within parts of the units, by an attribute they share.
import { Autocomplete, Box, Button, Group, Paper, Stack, Text, Title } from '@mantine/core';
import { useState } from 'react';
import { Failure, Waiting } from '@/components/Notices';
import { Axis, Interval } from './Interval';
import { useSlices } from './questions';
import classes from './results.module.css';
import { scaleOf } from './scale';
import { baselineOf, differenceOf, type Iteration, type Place, type Results, type Treatment } from './shapes';
import { standingOf } from './standing';
import { changed, changedWithin, sampleOf, smallness, valued } from './wording';

interface Props {
  place: Place;
  iteration: Iteration;
  metricKey: string;
  attribute: string | undefined;
  onAttribute: (attribute: string | undefined) => void;
}

export function Slices({ place, iteration, metricKey, attribute, onAttribute }: Props) {
  const [typed, setTyped] = useState(attribute ?? '');
  return (
    <Paper withBorder p="md" component="section" aria-labelledby="slices">
      <Stack gap="sm">
        <Title order={3} size="h5" id="slices">
          Break it down
        </Title>
        <form
          onSubmit={(event) => {
            event.preventDefault();
            onAttribute(typed.trim() || undefined);
          }}
        >
          <Group align="flex-end" gap="xs">
            <Autocomplete
              label="By an attribute"
              description={`An attribute of the ${iteration.randomizationUnit}, such as country or /address/city`}
              data={iteration.attributes}
              value={typed}
              onChange={setTyped}
              onOptionSubmit={(value) => onAttribute(value)}
              maw={320}
            />
            <Button type="submit" variant="default" disabled={!typed.trim()}>
              Break down
            </Button>
            {attribute && (
              <Button
                variant="subtle"
                onClick={() => {
                  setTyped('');
                  onAttribute(undefined);
                }}
              >
                Show all units
              </Button>
            )}
          </Group>
        </form>
        {attribute && <Parts {...{ place, iteration, metricKey, attribute }} />}
      </Stack>
    </Paper>
  );
}

function Parts({ place, iteration, metricKey, attribute }: Omit<Props, 'onAttribute'> & { attribute: string }) {
  const asked = useSlices(place, iteration, metricKey, attribute);
  if (asked.error && !asked.data) return <Failure error={asked.error} doing="break it down" />;
  if (!asked.data) return <Waiting what="the parts" lines={4} />;
  const results = asked.data;
  const estimates = results.results.flatMap(({ treatmentResults }) =>
    differencesOf(treatmentResults).map((each) => each.difference),
  );
  const scale = scaleOf(estimates);
  return (
    <Stack gap="xs" style={{ opacity: asked.isPlaceholderData ? 0.5 : 1 }}>
      <Text size="sm" c="dimmed">
        Many small groups: some will look good or bad by chance alone. Take what stands out as a question for the next
        experiment, not as a result of this one.
      </Text>
      {results.results.length === 0 && <Text size="sm">No unit has been exposed yet.</Text>}
      <Box visibleFrom="md" pl="52%">
        <Axis scale={scale} />
      </Box>
      <ul className={classes.list}>
        {results.results.map((slice) => (
          <Part
            key={slice.attributeValue ?? ''}
            name={slice.attributeValue ?? 'not known'}
            treatments={slice.treatmentResults}
            {...{ results, scale }}
          />
        ))}
      </ul>
      {results.slicesOmitted > 0 && (
        <Text size="sm" c="dimmed">
          {results.slicesOmitted} more values with fewer units are not shown.
        </Text>
      )}
    </Stack>
  );
}

interface PartProps {
  name: string;
  treatments: readonly Treatment[];
  results: Results;
  scale: ReturnType<typeof scaleOf>;
}

function Part({ name, treatments, results, scale }: PartProps) {
  const small = smallness(treatments);
  return (
    <li className={classes.metric}>
      <Text size="sm" fw={600}>
        {name}
      </Text>
      {differencesOf(treatments).map(({ treatment, difference }) => (
        <div key={treatment.treatmentId} className={classes.part}>
          <Text size="sm" className={classes.cell}>
            {treatment.treatmentName}: {valued(treatment.mean, results)}
            <Text component="span" size="xs" c="dimmed" display="block">
              {sampleOf(treatment)}
            </Text>
          </Text>
          <Text size="sm" className={classes.numbers}>
            <b>{changed(difference)}</b>{' '}
            <Text component="span" size="xs" c="dimmed">
              {changedWithin(difference)}
            </Text>
          </Text>
          <Interval
            estimate={difference}
            scale={scale}
            mark={small ? 'muted' : standingOf(treatment, results).mark}
            of={`“${treatment.treatmentName}” among ${name}`}
          />
        </div>
      ))}
      {small && (
        <Text size="xs" c="dimmed">
          {small}
        </Text>
      )}
    </li>
  );
}

function differencesOf(treatments: readonly Treatment[]) {
  const baseline = baselineOf(treatments);
  return treatments
    .filter((each) => !each.baseline)
    .map((treatment) => ({ treatment, difference: differenceOf(treatment, baseline) }));
}
