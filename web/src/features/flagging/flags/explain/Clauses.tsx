// Each clause of a rule: what it asks, what the context says, and the answer.
import { Stack, Text } from '@mantine/core';
import { type Mark, Step } from './Marks';
import { Rollout } from './Rollout';
import { type ClauseTrace, membershipOf, questionOf, reasonOf, type SegmentTrace } from './sentences';

type Segments = Record<string, SegmentTrace>;

interface Props {
  clauses: ClauseTrace[];
  segments: Segments;
  /** How deep below the rule of the flag. */
  depth?: number;
}

const MARKS: Record<string, Mark> = { matched: 'yes', notMatched: 'no', malformed: 'broken' };

export function Clauses({ clauses, segments, depth = 0 }: Props) {
  if (clauses.length === 0) return null;
  return (
    <Stack gap={6} component="ul" pl="md" m={0} style={{ listStyle: 'none' }}>
      {clauses.map((clause, place) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: clauses have no ids here and never change places
        <li key={place}>
          <Step
            mark={MARKS[clause.answer ?? 'malformed'] ?? 'broken'}
            title={questionOf(clause)}
            why={clause.asked ? reasonOf(clause) : `${reasonOf(clause)} (not needed any more)`}
          />
          {clause.segments?.map((each) => (
            <Membership
              key={each.key}
              segmentKey={each.key}
              isThere={each.member !== null}
              segments={segments}
              depth={depth}
            />
          ))}
        </li>
      ))}
    </Stack>
  );
}

interface MembershipProps {
  segmentKey: string;
  isThere: boolean;
  segments: Segments;
  depth: number;
}

function Membership({ segmentKey, isThere, segments, depth }: MembershipProps) {
  const segment = segments[segmentKey];
  if (!isThere || !segment || depth > 8) {
    return (
      <Text size="sm" pl="md" c="dimmed">
        There is no segment {segmentKey}.
      </Text>
    );
  }
  return (
    <details style={{ paddingLeft: 16 }}>
      <summary style={{ cursor: 'pointer' }}>
        <Text span size="sm">
          {segment.member ? 'In' : 'Not in'} {segmentKey}: {membershipOf(segment)}
        </Text>
      </summary>
      <Stack gap={6} pl="md" pt={4}>
        {segment.rules?.map((rule) => (
          <Stack key={rule.index} gap={4}>
            <Text size="sm" fw={600}>
              Rule {rule.index + 1} of {segmentKey}
              {rule.answer === 'notReached' && ' (not asked)'}
              {rule.answer === 'outsideShare' && ' (its clauses match, but it takes only a share)'}
            </Text>
            <Clauses clauses={rule.clauses ?? []} segments={segments} depth={depth + 1} />
            {rule.rollout && <Rollout rollout={rule.rollout} name={String} weight={rule.weight} />}
          </Stack>
        ))}
      </Stack>
    </details>
  );
}
