// Before an experiment starts: what will happen to its flag.
import { List, Text } from '@mantine/core';
import { Confirm } from '@/components/Confirm';
import { useInstruct } from './acts';
import { designOf } from './design';
import type { Place } from './paths';
import { type Experiment, type Iteration, useFlag } from './questions';
import { joined, ruleName, variationName } from './wording';

interface Props {
  place: Place;
  experiment: Experiment;
  iteration: Iteration;
  opened: boolean;
  onClose: () => void;
}

export function StartDialog({ place, experiment, iteration, opened, onClose }: Props) {
  const instruct = useInstruct(place, experiment.key);
  const design = designOf(experiment, iteration);
  const flag = useFlag(place, design.flagKey).data;
  const rule = ruleName(design.ruleId, flag?.environments?.[place.environmentKey]?.rules ?? []);
  const outside = flag?.variations.find((each) => each._id === design.outsideId);
  const arms = (iteration.treatments ?? []).map((each) => `“${each.name}” to ${Number(each.allocationPercent)}%`);
  return (
    <Confirm
      opened={opened}
      onClose={onClose}
      title={`Start “${experiment.name}”?`}
      verb="Start"
      comment="optional"
      onConfirm={(comment) =>
        instruct.mutateAsync({
          instructions: [{ kind: 'startIteration' }],
          comment,
          done: `“${experiment.name}” is running.`,
        })
      }
    >
      <Text size="sm" mb="xs">
        From now on, in {place.environmentKey}:
      </Text>
      <List size="sm" spacing={4}>
        <List.Item>
          {capital(rule)} of “{flag?.name ?? design.flagKey}” serves {joined(arms)}, at random, and each {design.unit}{' '}
          always the same.
        </List.Item>
        {design.audience < 100 && (
          <List.Item>
            The other {Number((100 - design.audience).toFixed(2))}% get {variationName(outside)} and take no part.
          </List.Item>
        )}
        <List.Item>While it runs, this rule and the order of the flag's variations cannot be changed.</List.Item>
        <List.Item>What is counted begins now. Changing the design later begins a new iteration.</List.Item>
      </List>
    </Confirm>
  );
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
