// What an experiment is about, what is still missing, and what has been counted so far.
import { Anchor, Button, Card, Grid, Group, List, Stack, Text, Title } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { Answer } from '@/components/Answer';
import { Ago } from '@/components/Moment';
import { Snippets } from '@/components/Snippets';
import { Checklist } from './Checklist';
import { Counts } from './Counts';
import { designOf } from './design';
import { flagPath, metricPath, type Place } from './paths';
import { type Experiment, type Iteration, type Readiness, useFlag, useReadiness, useVerdict } from './questions';
import type { Tab } from './routes';
import { presentOf, stateOf } from './standing';
import { AllocationBar } from './steps/AllocationBar';
import { methodOf, ruleName } from './wording';

interface Props {
  place: Place;
  experiment: Experiment;
  onOpen: (tab: Tab) => void;
}

export function OverviewTab({ place, experiment, onOpen }: Props) {
  const iteration = presentOf(experiment);
  const readiness = useReadiness(place, experiment.key);
  if (!iteration) return <Text>There is nothing to see here yet.</Text>;
  const metric = iteration.primarySingleMetric;
  return (
    <Stack gap="lg">
      {iteration.startedAt !== undefined && metric && (
        <Verdict place={place} experiment={experiment} metricKey={metric.key} onOpen={onOpen} />
      )}
      <Grid gap="lg">
        <Grid.Col span={{ base: 12, md: 7 }}>
          <Answer of={readiness} what="the check-list">
            {(known) => <Standing place={place} iteration={iteration} readiness={known} />}
          </Answer>
        </Grid.Col>
        <Grid.Col span={{ base: 12, md: 5 }}>
          <About place={place} experiment={experiment} iteration={iteration} />
        </Grid.Col>
      </Grid>
      {readiness.data && stateOf(experiment) !== 'archived' && (
        <Missing place={place} iteration={iteration} readiness={readiness.data} />
      )}
    </Stack>
  );
}

function Standing({ place, iteration, readiness }: { place: Place; iteration: Iteration; readiness: Readiness }) {
  const flagKey = Object.keys(iteration.flags)[0] ?? '';
  return (
    <Stack gap="lg">
      {readiness.status !== 'not_started' && <Counts readiness={readiness} unit={iteration.randomizationUnit} />}
      {readiness.status !== 'stopped' && <Checklist place={place} flagKey={flagKey} readiness={readiness} />}
    </Stack>
  );
}

type VerdictProps = Props & { metricKey: string };

function Verdict({ place, experiment, metricKey, onOpen }: VerdictProps) {
  const isRunning = stateOf(experiment) === 'running';
  const verdict = useVerdict(place, experiment.key, metricKey, { isWatched: isRunning });
  return (
    <Card withBorder radius="md" component="section" aria-label="Verdict">
      <Group justify="space-between" align="flex-start">
        <Stack gap={4} style={{ flex: '1 1 300px' }}>
          <Title order={2} size="h4">
            {isRunning ? 'Verdict so far' : 'Verdict'}
          </Title>
          <Text>{verdict.data?.sentence ?? verdict.error?.message ?? 'Working it out…'}</Text>
        </Stack>
        <Button variant="light" onClick={() => onOpen('results')}>
          See the results
        </Button>
      </Group>
    </Card>
  );
}

function About({ place, experiment, iteration }: { place: Place; experiment: Experiment; iteration: Iteration }) {
  const design = designOf(experiment, iteration);
  const flag = useFlag(place, design.flagKey).data;
  const winner = iteration.treatments?.find((each) => each._id === iteration.winningTreatmentId);
  return (
    <Card withBorder radius="md" component="section" aria-label="About this experiment">
      <Stack gap="sm">
        <Fact name="Hypothesis">{iteration.hypothesis}</Fact>
        {winner && (
          <Fact name="Stopped with">
            “{winner.name}”{iteration.winningReason ? `: ${iteration.winningReason}` : ''}
          </Fact>
        )}
        <Fact name="Flag">
          <Anchor underline="always" component={Link} to={flagPath(place, design.flagKey)} size="sm">
            {flag?.name ?? design.flagKey}
          </Anchor>
          , {ruleName(design.ruleId, flag?.environments?.[place.environmentKey]?.rules ?? [])}
        </Fact>
        <Fact name="Treatments">
          <AllocationBar design={design} />
        </Fact>
        <Fact name="Metrics">
          <List size="sm" listStyleType="none">
            {design.metrics.map((metric) => (
              <List.Item key={`${metric.key} ${metric.isGroup}`}>
                {metric.isGroup ? (
                  metric.name
                ) : (
                  <Anchor underline="always" component={Link} to={metricPath(place, metric.key)} size="sm">
                    {metric.name}
                  </Anchor>
                )}
                {metric.key === design.primaryKey && ' decides'}
              </List.Item>
            ))}
          </List>
        </Fact>
        <Fact name="Method">{capital(methodOf(design))}</Fact>
        {iteration.startedAt !== undefined && (
          <Fact name="Started">
            <Ago at={iteration.startedAt} />
          </Fact>
        )}
        {iteration.endedAt !== undefined && (
          <Fact name="Stopped">
            <Ago at={iteration.endedAt} />
          </Fact>
        )}
      </Stack>
    </Card>
  );
}

function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div>
      <Text size="xs" c="dimmed" fw={600}>
        {name}
      </Text>
      <Text size="sm" component="div" style={{ overflowWrap: 'anywhere' }}>
        {children}
      </Text>
    </div>
  );
}

/** The code that is awaited: for the flag while nobody asks for it, for a metric while its events do not come. */
function Missing({ place, iteration, readiness }: { place: Place; iteration: Iteration; readiness: Readiness }) {
  const awaits = (key: string) => readiness.items.some((item) => item.key === key && item.status === 'waiting');
  const metric = iteration.metrics.find((each) => !each.isGroup && awaits(`metric:${each.key}`));
  const flagKey = Object.keys(iteration.flags)[0] ?? '';
  const flagKind = kindOf(useFlag(place, flagKey).data?.variations[0]?.value);
  if (!awaits('evaluations') && !metric) return null;
  return (
    <Card withBorder radius="md" component="section" aria-label="Code to add">
      <Stack gap="sm">
        <Title order={2} size="h4">
          Code to add
        </Title>
        <Text size="sm">Ask for the flag with the same {iteration.randomizationUnit} that you track events for.</Text>
        <Snippets
          {...place}
          contextKind={iteration.randomizationUnit}
          {...(awaits('evaluations') ? { flagKey, flagKind } : {})}
          {...(metric ? { eventKey: metric.eventKey ?? metric.key, isNumeric: metric.isNumeric } : {})}
        />
      </Stack>
    </Card>
  );
}

/** The type of a flag's values, for the code that asks for one. */
function kindOf(value: unknown): 'boolean' | 'string' | 'number' | 'json' {
  const kind = typeof value;
  return kind === 'boolean' || kind === 'string' || kind === 'number' ? kind : 'json';
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
