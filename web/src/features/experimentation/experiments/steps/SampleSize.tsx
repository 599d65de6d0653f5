// How long it will take: units needed for the difference that matters, and days at the traffic seen.
import { Group, NumberInput, Paper, Stack, Text, Title } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { useState } from 'react';
import { Failure } from '@/components/Notices';
import { count, counted, figure, percent } from '@/lib/formats';
import { allocations } from '../allocation';
import type { Design } from '../design';
import type { Place } from '../paths';
import { type SizeAsked, useSampleSize } from '../questions';

type Asked = { mean: string; spread: string; lift: string; power: string; perDay: string };
type Seen = { evaluations: number; units: number; days: number; unitsPerDay?: number; mean?: number };

export function SampleSize({ place, design }: { place: Place; design: Design }) {
  const [asked, setAsked] = useState<Asked>({ mean: '', spread: '', lift: '5', power: '80', perDay: '' });
  const change = (next: Partial<Asked>) => setAsked((before) => ({ ...before, ...next }));
  const primary = design.metrics.find((each) => each.key === design.primaryKey);
  const isReady = design.treatments.length > 1 && primary !== undefined && !primary.isGroup;
  const [isShare, setShare] = useState(true);
  const asking = questionOf(design, asked, isShare);
  const [question] = useDebouncedValue(asking, 300);
  const size = useSampleSize(place, question, isReady && isMeant(question));
  const answer = size.data;
  if (answer && answer.isShare !== isShare) setShare(answer.isShare);
  return (
    <Paper withBorder p="md" component="section" aria-labelledby="sample-size">
      <Stack>
        <Title order={3} size="h5" id="sample-size">
          How long will it take?
        </Title>
        {isReady ? (
          <>
            <Inputs asked={asked} change={change} seen={answer?.seen} isShare={isShare} />
            {size.error && <Failure error={size.error} doing="work out the size" />}
            {answer && (
              <Text role="status" fw={600}>
                {answer.sentence}
              </Text>
            )}
            {answer?.seen && <Text size="xs">{seenSentence(answer.seen)}</Text>}
          </>
        ) : (
          <Text size="sm">
            {primary?.isGroup
              ? 'The size of a funnel is not worked out: take the step with the fewest events as primary metric to see it.'
              : 'Choose the treatments and the metric that decides, and it will be worked out here.'}
          </Text>
        )}
      </Stack>
    </Paper>
  );
}

interface InputsProps {
  asked: Asked;
  change: (next: Partial<Asked>) => void;
  seen: Seen | undefined;
  isShare: boolean;
}

function Inputs({ asked, change, seen, isShare }: InputsProps) {
  const mean = seen?.mean;
  return (
    <Group align="flex-start" gap="md">
      <NumberInput
        label="Difference that matters"
        description="The smallest, relative"
        value={asked.lift}
        onChange={(value) => change({ lift: String(value) })}
        suffix="%"
        min={0.1}
        max={1000}
        w={210}
      />
      <NumberInput
        label="Baseline"
        description={isShare ? 'Share of units with an event' : 'Mean per unit'}
        placeholder={mean === undefined ? 'Not seen yet' : isShare ? percent(mean, 2) : figure(mean)}
        value={asked.mean}
        onChange={(value) => change({ mean: String(value) })}
        suffix={isShare ? '%' : undefined}
        min={0}
        w={210}
      />
      {!isShare && (
        <NumberInput
          label="Standard deviation"
          description="Per unit"
          placeholder="As seen"
          value={asked.spread}
          onChange={(value) => change({ spread: String(value) })}
          min={0}
          w={210}
        />
      )}
      <NumberInput
        label="Units per day"
        description="That meet the rule"
        placeholder={seen?.unitsPerDay === undefined ? 'Not seen yet' : count(seen.unitsPerDay)}
        value={asked.perDay}
        onChange={(value) => change({ perDay: String(value) })}
        min={0}
        thousandSeparator=","
        w={210}
      />
      <NumberInput
        label="Power"
        description="Chance to find it if it is there"
        value={asked.power}
        onChange={(value) => change({ power: String(value) })}
        suffix="%"
        min={50}
        max={99.9}
        w={210}
      />
    </Group>
  );
}

function seenSentence(seen: Seen): string {
  if (seen.units > 0) {
    const days = Math.max(1, Math.round(seen.days));
    return `In the last ${counted(days, 'day')} ${counted(seen.units, 'unit')} saw this flag. What you leave empty is taken from that.`;
  }
  if (seen.evaluations > 0) {
    return `This flag was evaluated ${counted(seen.evaluations, 'time')} in the last two weeks. How many different units that were is known once an experiment runs, so enter your own estimate.`;
  }
  return 'This flag has not been evaluated in the last two weeks: enter your own estimates.';
}

/** Whether every number is one; half-typed fields ask nothing. */
function isMeant(question: SizeAsked): boolean {
  const numbers = Object.values(question).filter((each) => typeof each === 'number');
  return numbers.every(Number.isFinite) && question.lift > 0 && question.allocations !== '';
}

function questionOf(design: Design, asked: Asked, isShare: boolean): SizeAsked {
  const inOrder = [...design.treatments].sort(
    (one, other) => Number(other.variationId === design.baselineId) - Number(one.variationId === design.baselineId),
  );
  const isBayesian = design.methodology === 'bayesian';
  return {
    flagKey: design.flagKey,
    metricKey: design.primaryKey,
    unit: design.unit || 'user',
    allocations: allocations(
      inOrder.map((each) => each.share),
      design.audience,
    ).join(','),
    methodology: design.methodology,
    threshold: Number(isBayesian ? design.bayesianThreshold : design.significance),
    testDirection: design.direction,
    sequential: design.sequential,
    correction: design.correction,
    lift: Number(asked.lift) / 100,
    power: Number(asked.power) / 100,
    ...(asked.mean ? { mean: isShare ? Number(asked.mean) / 100 : Number(asked.mean) } : {}),
    ...(asked.spread && !isShare ? { standardDeviation: Number(asked.spread) } : {}),
    ...(asked.perDay ? { unitsPerDay: Number(asked.perDay) } : {}),
  };
}
