// A metric, written or changed: questions on one side, what they mean on the other.
import { Button, Grid, Group, Paper, SegmentedControl, Stack, Text, Title } from '@mantine/core';
import { type FormEvent, type ReactNode, useState } from 'react';
import { Act } from '@/components/Act';
import { Failure } from '@/components/Notices';
import type { Deed } from '@/lib/may';
import { type Draft, isOfEvents } from '../draft/draft';
import { SHAPES } from '../draft/shapes';
import type { Place } from '../paths';
import { AdvancedFields } from './AdvancedFields';
import { ComparisonFields } from './ComparisonFields';
import { Conditions } from './Conditions';
import { EventFacts } from './EventFacts';
import { EventKeyField } from './EventKeyField';
import { NamesFields } from './NamesFields';
import { PagesField } from './PagesField';
import { Preview } from './Preview';
import { SelectorField } from './SelectorField';
import { ShapeChoice } from './ShapeChoice';
import { fieldId, focusFirst, useDraft, type Writing } from './useDraft';

interface Props {
  place: Place;
  beginning: Draft;
  isNew: boolean;
  verb: string;
  may: Deed;
  /** Does it; what it throws is shown, and the form stays. */
  onSubmit: (draft: Draft) => Promise<unknown>;
  onCancel: () => void;
}

export function MetricForm({ place, beginning, isNew, verb, may, onSubmit, onCancel }: Props) {
  const writing = useDraft(beginning);
  const { draft, change } = writing;
  const [error, setError] = useState<unknown>();
  const [isBusy, setBusy] = useState(false);

  const submit = async (event: FormEvent) => {
    event.preventDefault();
    const problems = writing.tellAll();
    if (Object.keys(problems).length > 0) {
      focusFirst(problems, draft);
      return;
    }
    setBusy(true);
    setError(undefined);
    try {
      await onSubmit(draft);
    } catch (cause) {
      setError(cause);
    } finally {
      setBusy(false);
    }
  };

  const shapes = isNew ? SHAPES : SHAPES.filter((shape) => isOfEvents(shape) && isOfEvents(draft.shape));
  return (
    <form onSubmit={submit} noValidate>
      <Grid gap="xl">
        <Grid.Col span={{ base: 12, lg: 7 }}>
          <Stack gap="xl">
            {shapes.length > 1 && (
              <ShapeChoice value={draft.shape} onChange={(shape) => change({ shape })} among={shapes} />
            )}
            <Section
              title={isOfEvents(draft.shape) ? 'Which event' : draft.shape === 'click' ? 'Which clicks' : 'Which pages'}
            >
              <Source place={place} writing={writing} />
            </Section>
            <Section title="What it is called">
              <NamesFields writing={writing} isNew={isNew} />
            </Section>
            <Section title="How variations are compared">
              <ComparisonFields writing={writing} projectKey={place.projectKey} />
              <AdvancedFields writing={writing} />
            </Section>
            {error !== undefined && <Failure error={error} doing={isNew ? 'create the metric' : 'change the metric'} />}
            <Group>
              <Act type="submit" may={may} loading={isBusy}>
                {verb}
              </Act>
              <Button variant="default" onClick={onCancel}>
                Cancel
              </Button>
            </Group>
          </Stack>
        </Grid.Col>
        <Grid.Col span={{ base: 12, lg: 5 }}>
          <div style={{ position: 'sticky', top: 72 }}>
            <Preview place={place} draft={draft} />
          </div>
        </Grid.Col>
      </Grid>
    </form>
  );
}

function Section({ title, children }: { title: string; children: ReactNode }) {
  return (
    <Paper withBorder radius="md" p="md" component="section" aria-label={title}>
      <Stack gap="md">
        <Title order={2} size="h5">
          {title}
        </Title>
        {children}
      </Stack>
    </Paper>
  );
}

function Source({ place, writing }: { place: Place; writing: Writing }) {
  const { draft, change, told, leave } = writing;
  if (!isOfEvents(draft.shape)) {
    return (
      <>
        {draft.shape === 'click' && <SelectorField writing={writing} />}
        <PagesField writing={writing} />
      </>
    );
  }
  const isRatio = draft.shape === 'ratio';
  return (
    <>
      {isRatio && (
        <Adds
          label="Add up, above the line"
          isNumeric={draft.topIsNumeric}
          onChange={(topIsNumeric) => change({ topIsNumeric })}
        />
      )}
      <EventKeyField
        place={place}
        id={fieldId('eventKey')}
        label="Event key"
        description="What your code passes to track. Keys seen in this environment are offered."
        value={draft.eventKey}
        onChange={(eventKey) => change({ eventKey })}
        onLeave={() => leave('eventKey')}
        error={told('eventKey')}
      />
      <EventFacts place={place} draft={draft} onChange={change} />
      <Conditions writing={writing} />
      {isRatio && (
        <>
          <Adds
            label="Divide by, below the line"
            isNumeric={draft.bottomIsNumeric}
            onChange={(bottomIsNumeric) => change({ bottomIsNumeric })}
          />
          <EventKeyField
            place={place}
            id={fieldId('bottomEventKey')}
            label="Event key to divide by"
            value={draft.bottomEventKey}
            onChange={(bottomEventKey) => change({ bottomEventKey })}
            onLeave={() => leave('bottomEventKey')}
            error={told('bottomEventKey')}
          />
        </>
      )}
    </>
  );
}

type AddsProps = { label: string; isNumeric: boolean; onChange: (isNumeric: boolean) => void };

function Adds({ label, isNumeric, onChange }: AddsProps) {
  return (
    <Stack gap={4}>
      <Text size="sm" fw={500} aria-hidden>
        {label}
      </Text>
      <SegmentedControl
        w="fit-content"
        aria-label={label}
        value={isNumeric ? 'numbers' : 'events'}
        onChange={(value) => onChange(value === 'numbers')}
        data={[
          { value: 'numbers', label: 'The numbers of events' },
          { value: 'events', label: 'How many events' },
        ]}
      />
    </Stack>
  );
}
