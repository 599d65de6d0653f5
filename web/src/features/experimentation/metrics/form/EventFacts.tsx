// What is known of an event before a metric is made of it: whether it comes, with a number, and about whom.
import { Alert, Button, Group, List, Stack, Text } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { Ago } from '@/components/Moment';
import { count, counted, figure } from '@/lib/formats';
import type { Draft } from '../draft/draft';
import { isNumeric } from '../draft/draft';
import type { Place } from '../paths';
import { type EventActivity, useEventActivity } from '../questions';

interface Props {
  place: Place;
  draft: Draft;
  onChange: (changed: Partial<Draft>) => void;
}

export function EventFacts({ place, draft, onChange }: Props) {
  const [eventKey] = useDebouncedValue(draft.eventKey, 300);
  const { data } = useEventActivity({ ...place, eventKey, kind: 'custom', hours: 168 });
  if (!eventKey || !data || data.key !== draft.eventKey) return null;
  if (data.lastSeen === undefined) {
    return (
      <Alert color="gray" variant="light" role="status">
        “{eventKey}” was not seen in {place.environmentKey} yet. You can create the metric now and send the event later;
        the code is beside.
      </Alert>
    );
  }
  return (
    <Stack gap="xs" role="status">
      <Seen activity={data} />
      <Misfits activity={data} draft={draft} onChange={onChange} />
    </Stack>
  );
}

function Seen({ activity }: { activity: EventActivity }) {
  const { events, withValue, values, unitKinds, lastSeen = 0 } = activity;
  return (
    <List size="sm" spacing={2}>
      <List.Item>
        Last seen <Ago at={lastSeen} />, {counted(events, 'time')} in the last 7 days
      </List.Item>
      {events > 0 && (
        <List.Item>
          {withValue === 0 && 'Carries no number'}
          {withValue > 0 && withValue < events && `${count(withValue)} of ${count(events)} carry a number`}
          {withValue > 0 && withValue === events && 'Always carries a number'}
          {values &&
            `: from ${figure(values.min)} to ${figure(values.max)}, half of them at most ${figure(values.median)}`}
        </List.Item>
      )}
      {unitKinds.length > 0 && <List.Item>Names {unitKinds.map(({ kind }) => kind).join(', ')}</List.Item>}
    </List>
  );
}

/** Where the event and what is chosen do not go together. */
function Misfits({ activity, draft, onChange }: { activity: EventActivity } & Omit<Props, 'place'>) {
  const { events, withValue, unitKinds } = activity;
  if (events === 0) return null;
  const kinds = unitKinds.map(({ kind }) => kind);
  const missing = draft.analysisUnits.filter((unit) => !kinds.includes(unit));
  return (
    <>
      {isNumeric(draft) && withValue === 0 && (
        <Alert color="orange" variant="light" title="This event carries no number">
          <Text size="sm">
            A {draft.shape} adds up or averages numbers. Send one as metricValue, or count how often the event comes.
          </Text>
          <Group mt="xs">
            <Button size="xs" variant="default" onClick={() => onChange({ shape: 'count' })}>
              Count events instead
            </Button>
          </Group>
        </Alert>
      )}
      {missing.length > 0 && kinds.length > 0 && (
        <Alert color="orange" variant="light" title={`This event names no ${missing.join(' or ')}`}>
          <Text size="sm">
            Experiments find an event’s variation by the context it names, and this one names {kinds.join(', ')}.
          </Text>
          <Group mt="xs">
            <Button size="xs" variant="default" onClick={() => onChange({ analysisUnits: kinds })}>
              Analyse by {kinds.join(' and ')}
            </Button>
          </Group>
        </Alert>
      )}
    </>
  );
}
