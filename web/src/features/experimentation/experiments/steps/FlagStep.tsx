// Which flag is tested, and on whom: one of its rules.
import { Alert, Anchor, Button, Collapse, Group, Loader, Radio, Select, Stack, Text } from '@mantine/core';
import { useDebouncedValue, useDisclosure } from '@mantine/hooks';
import { IconAlertTriangle, IconPlus } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { Chip } from '@/components/Chip';
import { evenly } from '../allocation';
import { DEFAULT_RULE, type Design } from '../design';
import { experimentPath, flagPath, type Place } from '../paths';
import { type Flag, useExperiments, useFlag, useFlags } from '../questions';
import { flagProblem, ruleProblem, rulesOf, runningOn } from '../usability';
import { NewFlag } from './NewFlag';
import type { StepProps } from './step';

interface Props extends StepProps {
  /** Whether the experiment has tested its flag already, and stays with it. */
  isBound?: boolean;
}

export function FlagStep({ place, design, change, problems, experimentKey, isBound = false }: Props) {
  const [text, setText] = useState('');
  const chosen = useFlag(place, design.flagKey);
  // The field shows the chosen flag's label: that is not a search for it.
  const [sought] = useDebouncedValue(chosen.data && text === labelOf(chosen.data) ? '' : text, 200);
  const found = useFlags(place, sought);
  const choose = (flag: Flag) => change(testing(flag));
  const options = withChosen(found.data ?? [], chosen.data);
  return (
    <Stack>
      <Select
        label="Flag"
        description={
          isBound
            ? 'This experiment has tested this flag and stays with it. To test another, create another experiment.'
            : 'Its variations are what you compare.'
        }
        disabled={isBound}
        placeholder="Search by name or key"
        required
        searchable
        nothingFoundMessage={found.isFetching ? 'Searching…' : 'No flag fits. Create one below.'}
        data={options.map((flag) => ({ value: flag.key, label: labelOf(flag) }))}
        filter={({ options: all }) => all}
        value={design.flagKey || null}
        error={problems.flag}
        onSearchChange={setText}
        onChange={(key) => {
          const flag = options.find((each) => each.key === key);
          if (flag) choose(flag);
        }}
        rightSection={found.isFetching ? <Loader size="xs" /> : undefined}
      />
      {!isBound && <Creating place={place} onMade={choose} />}
      {chosen.data && <Chosen place={place} flag={chosen.data} {...{ design, change, experimentKey }} />}
    </Stack>
  );
}

function Creating({ place, onMade }: { place: Place; onMade: (flag: Flag) => void }) {
  const [isOpen, { toggle, close }] = useDisclosure(false);
  return (
    <>
      <Group>
        <Button
          variant="subtle"
          size="compact-sm"
          leftSection={<IconPlus size={14} />}
          onClick={toggle}
          aria-expanded={isOpen}
        >
          Create a flag
        </Button>
      </Group>
      <Collapse expanded={isOpen}>
        {isOpen && (
          <NewFlag
            place={place}
            onMade={(flag) => {
              onMade(flag);
              close();
            }}
          />
        )}
      </Collapse>
    </>
  );
}

function labelOf(flag: Flag): string {
  return `${flag.name} (${flag.key})`;
}

/** What a design is once it tests a flag: all of its variations, in even shares, on the default rule. */
export function testing(flag: Flag): Partial<Design> {
  const shares = evenly(flag.variations.length);
  return {
    flagKey: flag.key,
    ruleId: DEFAULT_RULE,
    treatments: flag.variations.map((each, place) => ({
      variationId: each._id ?? '',
      name: each.name || String(typeof each.value === 'object' ? `Variation ${place + 1}` : each.value),
      share: shares[place] ?? 0,
    })),
    baselineId: baselineOf(flag),
    outsideId: '',
  };
}

/** What people get without the experiment is the natural thing to compare with: `false`, or the first. */
function baselineOf(flag: Flag): string {
  const off = flag.variations.find((each) => each.value === false);
  return (off ?? flag.variations[0])?._id ?? '';
}

function withChosen(found: Flag[], chosen: Flag | undefined): Flag[] {
  if (!chosen || found.some((each) => each.key === chosen.key)) return found;
  return [chosen, ...found];
}

type ChosenProps = Pick<StepProps, 'place' | 'design' | 'change' | 'experimentKey'> & { flag: Flag };

function Chosen({ place, flag, design, change, experimentKey }: ChosenProps) {
  const experiments = useExperiments(place);
  const config = flag.environments?.[place.environmentKey];
  const other = runningOn(flag.key, experiments.data ?? [], experimentKey);
  const problem = flagProblem(flag);
  return (
    <Stack>
      <Group gap="xs">
        <Anchor underline="always" component={Link} to={flagPath(place, flag.key)} target="_blank" size="sm">
          {flag.name}
        </Anchor>
        {config && (
          <Chip tone={config.on ? 'good' : 'plain'}>
            {config.on ? `On in ${place.environmentKey}` : `Off in ${place.environmentKey}`}
          </Chip>
        )}
      </Group>
      {problem && <Notice tone="red">{problem}</Notice>}
      {config && !config.on && (
        <Notice tone="yellow">Targeting is off in {place.environmentKey}. Turn it on before you start.</Notice>
      )}
      {other && (
        <Notice tone="yellow">
          <Anchor underline="always" component={Link} to={experimentPath(place, other.key)} size="sm">
            {other.name}
          </Anchor>{' '}
          is running on this flag. Two experiments cannot run on the same rule: stop that one first, or test on another
          rule.
        </Notice>
      )}
      <Radio.Group
        label="Rule"
        description="Only those whom this rule reaches take part. Everybody else gets what they get today."
        value={design.ruleId}
        onChange={(ruleId) => change({ ruleId })}
      >
        <Stack gap="xs" mt="xs">
          {rulesOf(flag, place.environmentKey).map((rule) => {
            const why = ruleProblem(flag, place.environmentKey, rule.id);
            return <Radio key={rule.id} value={rule.id} label={rule.name} description={why} disabled={Boolean(why)} />;
          })}
        </Stack>
      </Radio.Group>
    </Stack>
  );
}

function Notice({ tone, children }: { tone: string; children: React.ReactNode }) {
  return (
    <Alert color={tone} variant="light" icon={<IconAlertTriangle />} py="xs">
      <Text size="sm" component="div">
        {children}
      </Text>
    </Alert>
  );
}
