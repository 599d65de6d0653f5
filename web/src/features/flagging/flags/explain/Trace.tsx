// The steps of one flag's decision, in the order in which SDKs take them.
import { List, Paper, Stack, Text, Title } from '@mantine/core';
import type { ReactNode } from 'react';
import { Clauses } from './Clauses';
import { type Mark, Step } from './Marks';
import { Rollout } from './Rollout';
import { becauseOf, type Explanation, type FlagTrace, prerequisiteOf, ruleName } from './sentences';

interface Props {
  explanation: Explanation;
  flag: FlagTrace;
  /** How deep below the flag that was asked for. */
  depth?: number;
}

export function Trace({ explanation, flag, depth = 0 }: Props) {
  const { labels } = explanation;
  const label = labels[flag.key];
  const name = (index: number | null | undefined) =>
    typeof index === 'number' ? (label?.variations[index] ?? `variation ${index}`) : 'nothing';
  const isAsked = (mark: FlagTrace['decidedBy']) => flag.decidedBy === mark;
  const disabled = (label?.rules ?? []).filter((rule) => rule.index === null);
  const shownTargets = flag.targets?.filter((each) => each.keyCount > 0) ?? [];

  return (
    <Stack gap="sm" component="section" aria-label={depth ? `Steps of ${flag.key}` : 'Steps'}>
      {depth === 0 && (
        <Title order={2} size="h5">
          Step by step
        </Title>
      )}
      {flag.malformed && <Step mark="broken" title={flag.malformed} />}
      <Part title="Targeting">
        <Step
          mark={flag.on ? 'yes' : 'no'}
          word={flag.on ? 'on' : 'off'}
          title={flag.on ? 'Targeting is on' : `Targeting is off: ${name(flag.variation)} is served`}
        />
      </Part>
      {flag.prerequisites && flag.prerequisites.length > 0 && (
        <Part title="Prerequisites">
          {flag.prerequisites.map((step) => (
            <Stack key={step.key} gap={6}>
              <Step
                mark={step.outcome === 'met' ? 'yes' : step.outcome === 'circle' ? 'broken' : 'no'}
                word={step.outcome === 'met' ? 'met' : 'not met'}
                title={prerequisiteOf(step, labels)}
              />
              <Below explanation={explanation} flagKey={step.key} depth={depth} />
            </Stack>
          ))}
        </Part>
      )}
      {shownTargets.length > 0 && (
        <Part title="Targets">
          {shownTargets.map((target, place) => (
            <Step
              // biome-ignore lint/suspicious/noArrayIndexKey: targets have no ids and never change places here
              key={place}
              mark={target.matched ? 'yes' : 'no'}
              title={`${target.keyCount} ${target.contextKind} ${target.keyCount === 1 ? 'key' : 'keys'} for ${name(target.variation)}`}
              why={target.key === null ? `the context has no kind “${target.contextKind}”` : `its key is ${target.key}`}
            />
          ))}
        </Part>
      )}
      {flag.rules?.map((rule) => (
        <Part key={rule.id ?? rule.index} title={capital(ruleName(label, rule.id, rule.index))}>
          <Step mark={MARKS[rule.answer ?? 'notReached'] ?? 'broken'} title={RULE_WORDS[rule.answer ?? 'notReached']} />
          <Clauses clauses={rule.clauses ?? []} segments={explanation.segments ?? {}} />
          {rule.served && <Served served={rule.served} name={name} />}
        </Part>
      ))}
      {disabled.length > 0 && (
        <Text size="sm" c="dimmed">
          {disabled.length === 1 ? 'One rule is' : `${disabled.length} rules are`} switched off and left out:{' '}
          {disabled.map((rule) => ruleName(label, rule._id, 0)).join(', ')}.
        </Text>
      )}
      {flag.on && (
        <Part title="Default rule">
          {isAsked('fallthrough') && flag.fallthrough ? (
            <>
              <Step mark="yes" word="decides" title="No target and no rule matches" />
              <Served served={flag.fallthrough} name={name} />
            </>
          ) : (
            <Step mark="skipped" title="Something before it decided" />
          )}
        </Part>
      )}
    </Stack>
  );
}

const MARKS: Record<string, Mark> = { matched: 'yes', notMatched: 'no', malformed: 'broken', notReached: 'skipped' };
const RULE_WORDS: Record<string, string> = {
  matched: 'All of its clauses match, so it decides',
  notMatched: 'Not all of its clauses match',
  malformed: 'It cannot be answered',
  notReached: 'Something before it decided',
};

function Part({ title, children }: { title: string; children: ReactNode }) {
  return (
    <Paper withBorder p="sm">
      <Stack gap={6}>
        <Text size="sm" fw={600}>
          {title}
        </Text>
        {children}
      </Stack>
    </Paper>
  );
}

/** The steps of a prerequisite, folded away until asked for. */
function Below({ explanation, flagKey, depth }: { explanation: Explanation; flagKey: string; depth: number }) {
  const flag = explanation.prerequisites?.[flagKey];
  if (!flag || depth > 8) return null;
  return (
    <details>
      <summary style={{ cursor: 'pointer' }}>
        <Text span size="sm">
          Why: {becauseOf(flag, explanation.labels)}
        </Text>
      </summary>
      <Stack pl="md" pt="xs">
        <Trace explanation={explanation} flag={flag} depth={depth + 1} />
      </Stack>
    </details>
  );
}

type ServedStep = NonNullable<FlagTrace['fallthrough']>;

function Served({ served, name }: { served: ServedStep; name: (index: number | null | undefined) => string }) {
  if (served.malformed) return <Step mark="broken" title={served.malformed} />;
  if (served.rollout) return <Rollout rollout={served.rollout} name={name} />;
  return (
    <List size="sm" listStyleType="none">
      <List.Item>Serves {name(served.variation)}</List.Item>
    </List>
  );
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
