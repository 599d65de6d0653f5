// What a metric is: in a sentence, and member by member.

import { Code, Group, Paper, Stack, Table, Text, Title } from '@mantine/core';
import type { ReactNode } from 'react';
import { Chip } from '@/components/Chip';
import { CopyableKey } from '@/components/Copyable';
import { Ago } from '@/components/Moment';
import type { Condition } from '../draft/conditions';
import { draftOf, mayLeaveOut } from '../draft/draft';
import { meaningOf } from '../draft/meaning';
import { shapeName } from '../draft/shapes';
import type { Metric } from '../questions';

export function Definition({ metric }: { metric: Metric }) {
  const draft = draftOf(metric);
  const [measured, ...rest] = draft ? meaningOf(draft) : ['Measured outside Flaghoist.'];
  return (
    <Paper withBorder radius="md" p="md" component="section" aria-label="Definition">
      <Stack gap="sm">
        <Title order={2} size="h4">
          What it measures
        </Title>
        <div>
          <Text fw={600} style={{ overflowWrap: 'anywhere' }}>
            {measured}
          </Text>
          <Text size="sm" c="dimmed">
            {rest.join(' ')}
          </Text>
        </div>
        <Table verticalSpacing={6} fz="sm" variant="vertical" layout="fixed" withRowBorders={false}>
          <Table.Tbody>
            <Member name="Key">
              <CopyableKey value={metric.key} />
            </Member>
            <Member name="Kind">{shapeName(metric)}</Member>
            {metric.kind === 'custom' && (
              <Member name="Event key">
                <CopyableKey value={metric.eventKey ?? ''} what="event key" />
              </Member>
            )}
            {metric.denominator && (
              <Member name="Divided by">
                <CopyableKey value={metric.denominator.eventName} what="event key" />
              </Member>
            )}
            {metric.selector && (
              <Member name="Selector">
                <CopyableKey value={metric.selector} what="selector" />
              </Member>
            )}
            {metric.urls && (
              <Member name="Pages">
                {metric.urls.map((url) => (
                  <div key={JSON.stringify(url)}>
                    {url.kind} <Code>{url.url ?? url.substring ?? url.pattern}</Code>
                  </div>
                ))}
              </Member>
            )}
            {metric.unit && <Member name="Unit">{metric.unit}</Member>}
            <Member name="Better when">{metric.successCriteria === 'LowerThanBaseline' ? 'lower' : 'higher'}</Member>
            <Member name="Measured for each">{metric.analysisUnits.join(', ')}</Member>
            {draft && mayLeaveOut(draft) && (
              <Member name="Without an event">{draft.leavesOutAbsent ? 'left out' : 'counts as 0'}</Member>
            )}
            {metric.filters && <Member name="Only events where">{conditionsWords(draft)}</Member>}
            {metric._maintainer && <Member name="Maintainer">{metric._maintainer.email}</Member>}
            {metric.tags.length > 0 && (
              <Member name="Tags">
                <Group gap={4}>
                  {metric.tags.map((tag) => (
                    <Chip key={tag}>{tag}</Chip>
                  ))}
                </Group>
              </Member>
            )}
            <Member name="Created">
              <Ago at={metric._creationDate} />, version {metric._version}
            </Member>
          </Table.Tbody>
        </Table>
      </Stack>
    </Paper>
  );
}

function Member({ name, children }: { name: string; children: ReactNode }) {
  return (
    <Table.Tr>
      <Table.Th w={150}>{name}</Table.Th>
      <Table.Td style={{ overflowWrap: 'anywhere' }}>{children}</Table.Td>
    </Table.Tr>
  );
}

function conditionsWords(draft: ReturnType<typeof draftOf>): string {
  if (!draft?.conditions) return 'nested conditions hold (see the API)';
  return draft.conditions.map(conditionWords).join(draft.conditionsJoin === 'or' ? ', or ' : ', and ');
}

function conditionWords({ source, contextKind, attribute, op, values, negate }: Condition): string {
  const whose = source === 'contextAttribute' ? `${contextKind} ${attribute}` : attribute;
  return `${whose} ${negate ? 'not ' : ''}${op} ${values}`;
}
