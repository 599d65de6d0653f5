// Other flags that must be on and serve a given variation first; else everybody gets the off variation.
import { ActionIcon, Anchor, Group, Select, Stack, Text } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { IconPlus, IconTrash } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import { memo, useState } from 'react';
import { Act } from '@/components/Act';
import { useMay } from '@/lib/may';
import { type Flag, useFlags } from '../questions';
import { labelOf } from '../values';
import { isSteady, useEditing } from './editing';
import type { Prerequisite } from './model/draft';
import type { Warning } from './model/warnings';
import { useFlagChoices } from './questions';
import { Section } from './Section';

interface Props {
  prerequisites: Prerequisite[];
  warnings: Warning[];
}

export const Prerequisites = memo(function Prerequisites({ prerequisites, warnings }: Props) {
  const { change, projectKey, environmentKey, environmentName, deed } = useEditing();
  const may = useMay(deed('updatePrerequisites'));
  const flags = useFlags(
    projectKey,
    prerequisites.map(({ key }) => key),
  );
  const put = (how: (before: Prerequisite[]) => Prerequisite[]) =>
    change((before) => ({ ...before, prerequisites: how(before.prerequisites) }));

  return (
    <Section
      title="Prerequisites"
      description="Flags that must be on and serve a given variation first. Where one does not, the off variation is served."
      action="updatePrerequisites"
      warnings={warnings}
    >
      {prerequisites.map((prerequisite) => {
        const flag = flags.find(({ key }) => key === prerequisite.key);
        const isOff = flag && !flag.environments?.[environmentKey]?.on;
        return (
          <Stack key={prerequisite.key} gap={4}>
            <Group gap="xs" align="flex-end">
              <Text size="sm" pb={8}>
                <Anchor
                  component={Link}
                  to={`/projects/${projectKey}/${environmentKey}/flags/${prerequisite.key}`}
                  inherit
                  underline="always"
                >
                  {prerequisite.key}
                </Anchor>{' '}
                must serve
              </Text>
              <VariationOf
                flag={flag}
                prerequisite={prerequisite}
                disabled={!may.allowed}
                onChange={(changed) =>
                  put((before) => before.map((each) => (each.key === changed.key ? changed : each)))
                }
              />
              {may.allowed && (
                <ActionIcon
                  variant="subtle"
                  color="gray"
                  size="lg"
                  aria-label={`Remove the prerequisite ${prerequisite.key}`}
                  onClick={() => put((before) => before.filter(({ key }) => key !== prerequisite.key))}
                >
                  <IconTrash size={18} />
                </ActionIcon>
              )}
            </Group>
            {isOff && (
              <Text size="sm">
                {prerequisite.key} is off in {environmentName}, so everybody gets this flag's off variation for now.
              </Text>
            )}
          </Stack>
        );
      })}
      <AddPrerequisite known={prerequisites} onAdd={(added) => put((before) => [...before, added])} />
    </Section>
  );
}, isSteady);

interface VariationOfProps {
  flag: Flag | undefined;
  prerequisite: Prerequisite;
  onChange: (prerequisite: Prerequisite) => void;
  disabled: boolean;
}

function VariationOf({ flag, prerequisite, onChange, disabled }: VariationOfProps) {
  const data = flag
    ? flag.variations.map((each, place) => ({ value: String(place), label: labelOf(each, place) }))
    : [{ value: String(prerequisite.variation), label: `variation ${prerequisite.variation + 1}` }];
  return (
    <Select
      aria-label={`The variation that ${prerequisite.key} must serve`}
      data={data}
      value={String(prerequisite.variation)}
      onChange={(value) => {
        const variation = Number(value);
        onChange({ key: prerequisite.key, variation, variationId: flag?.variations[variation]?._id });
      }}
      allowDeselect={false}
      disabled={disabled || !flag}
      maw={260}
    />
  );
}

interface AddPrerequisiteProps {
  known: Prerequisite[];
  onAdd: (prerequisite: Prerequisite) => void;
}

function AddPrerequisite({ known, onAdd }: AddPrerequisiteProps) {
  const { deed, projectKey, flagKey } = useEditing();
  const [isAsking, setAsking] = useState(false);
  const [sought, setSought] = useState('');
  const [text] = useDebouncedValue(sought, 200);
  const taken = [flagKey, ...known.map(({ key }) => key)];
  const { data = [], isFetching } = useFlagChoices(projectKey, text);
  const choices = data.filter(({ key, archived }) => !archived && !taken.includes(key));
  if (!isAsking) {
    return (
      <Group>
        <Act
          variant="default"
          leftSection={<IconPlus size={16} />}
          may={deed('updatePrerequisites')}
          onClick={() => setAsking(true)}
        >
          Add a prerequisite
        </Act>
      </Group>
    );
  }
  return (
    <Select
      label="Which flag must be on first?"
      placeholder="Search by name or key"
      data={choices.map((each) => ({
        value: each.key,
        label: each.name === each.key ? each.key : `${each.name} (${each.key})`,
      }))}
      searchable
      searchValue={sought}
      onSearchChange={setSought}
      filter={({ options }) => options}
      nothingFoundMessage={isFetching ? 'Searching…' : 'No other flag has this in its name or key.'}
      value={null}
      onChange={(key) => {
        const flag = choices.find((each) => each.key === key);
        if (!flag) return;
        onAdd({ key: flag.key, variation: 0, variationId: flag.variations[0]?._id });
        setAsking(false);
        setSought('');
      }}
      data-autofocus
      maw={420}
    />
  );
}
