// Every run of an experiment, and the draft of the next.
import { Button, Card, Group, Stack, Text, Title } from '@mantine/core';
import { useState } from 'react';
import { Act } from '@/components/Act';
import { Chip } from '@/components/Chip';
import * as addresses from '@/lib/addresses';
import { moment } from '@/lib/formats';
import { NextDialog } from './NextDialog';
import type { Place } from './paths';
import type { Experiment, Iteration } from './questions';
import { STATE_NAMES } from './StateChip';
import { allOf } from './standing';
import { joined } from './wording';

interface Props {
  place: Place;
  experiment: Experiment;
  onResults: (id: string) => void;
}

export function IterationsTab({ place, experiment, onResults }: Props) {
  const [isStarting, setStarting] = useState(false);
  const isReplacing = experiment.currentIteration?.status === 'running' && experiment.draftIteration !== undefined;
  const resource = addresses.experiment(place.projectKey, place.environmentKey, experiment.key);
  const all = allOf(experiment);
  const started = all.filter((each) => each.startedAt !== undefined).length;
  let number = started;
  return (
    <Stack>
      <Text size="sm" c="dimmed">
        What is counted in one iteration never mixes with another: each began with a design of its own.
      </Text>
      {isReplacing && (
        <Group>
          <Act may={{ action: 'updateExperiment', resource }} onClick={() => setStarting(true)}>
            Start the next iteration
          </Act>
        </Group>
      )}
      {isStarting && <NextDialog place={place} experiment={experiment} onClose={() => setStarting(false)} />}
      {all.map((iteration) => {
        const title = iteration.startedAt === undefined ? 'Next iteration (draft)' : `Iteration ${number--}`;
        return <One key={iteration._id} iteration={iteration} title={title} onResults={onResults} />;
      })}
    </Stack>
  );
}

function One({
  iteration,
  title,
  onResults,
}: {
  iteration: Iteration;
  title: string;
  onResults: (id: string) => void;
}) {
  const arms = (iteration.treatments ?? []).map((each) => `“${each.name}” ${Number(each.allocationPercent)}%`);
  const winner = iteration.treatments?.find((each) => each._id === iteration.winningTreatmentId);
  return (
    <Card withBorder radius="md" component="section" aria-label={title}>
      <Group justify="space-between" align="flex-start">
        <Stack gap={4} style={{ flex: '1 1 300px', minWidth: 0 }}>
          <Group gap="xs">
            <Title order={2} size="h5">
              {title}
            </Title>
            <Chip tone={iteration.status === 'running' ? 'good' : 'plain'}>{STATE_NAMES[iteration.status]}</Chip>
          </Group>
          <Text size="sm">{datesOf(iteration)}</Text>
          <Text size="sm">{iteration.hypothesis}</Text>
          <Text size="sm" c="dimmed">
            {joined(arms)}, by {iteration.randomizationUnit}
          </Text>
          {winner && (
            <Text size="sm">
              Stopped with “{winner.name}”{iteration.winningReason ? `: ${iteration.winningReason}` : ''}
            </Text>
          )}
          {iteration.status === 'stopped' && !winner && (
            <Text size="sm">Stopped without a winner: another iteration took its place.</Text>
          )}
        </Stack>
        {iteration.startedAt !== undefined && (
          <Button variant="default" onClick={() => onResults(iteration._id)} aria-label={`Results of ${title}`}>
            Results
          </Button>
        )}
      </Group>
    </Card>
  );
}

function datesOf(iteration: Iteration): string {
  if (iteration.startedAt === undefined) return `Drafted ${moment(iteration.createdAt)}`;
  const started = `Started ${moment(iteration.startedAt)}`;
  return iteration.endedAt === undefined ? started : `${started}, stopped ${moment(iteration.endedAt)}`;
}
