// What was received and does not count, and why.
import { List, Paper, Text, Title } from '@mantine/core';
import { count, counted, percent } from '@/lib/formats';
import type { Results } from './shapes';
import { valued } from './wording';

export function LeftOut({ results }: { results: Results }) {
  const { leftOutInWords, contaminated, winsorized } = results;
  return (
    <Paper withBorder p="md" component="section" aria-labelledby="left-out">
      <Title order={3} size="h5" mb="sm" id="left-out">
        What was left out
      </Title>
      {leftOutInWords.length === 0 ? (
        <Text size="sm" c="dimmed">
          Nothing: every event and exposure that arrived for this metric counts.
        </Text>
      ) : (
        <List size="sm" spacing={6}>
          {leftOutInWords.map((each) => (
            <List.Item key={each.reason}>
              <b>{counted(each.count, nounOf(each.reason))}</b> {each.message}.
            </List.Item>
          ))}
        </List>
      )}
      {(contaminated.units ?? 0) > 0 && (
        <Text size="sm" mt="xs">
          <b>{count(contaminated.units ?? 0)}</b> units ({percent(contaminated.share ?? 0)}) saw several variations;
          each counts for the one it saw first.
        </Text>
      )}
      {winsorized && (
        <Text size="sm" mt="xs">
          Values were capped
          {winsorized.lower === undefined ? '' : ` from below at ${valued(winsorized.lower, results)}`}
          {winsorized.upper === undefined ? '' : ` from above at ${valued(winsorized.upper, results)}`}:{' '}
          <b>{count(winsorized.raised + winsorized.lowered)}</b> units.
        </Text>
      )}
    </Paper>
  );
}

function nounOf(reason: string): string {
  return reason.startsWith('exposures') ? 'exposure' : 'event';
}
