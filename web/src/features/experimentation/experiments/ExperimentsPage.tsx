// The experiments of an environment: found by status, name, flag and metric.
import { Anchor, Button, Group, SegmentedControl, Select, Stack, Text, VisuallyHidden } from '@mantine/core';
import { useMediaQuery } from '@mantine/hooks';
import { IconFlask, IconPlus } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import { useMemo } from 'react';
import { Act } from '@/components/Act';
import { Answer } from '@/components/Answer';
import { Empty } from '@/components/Notices';
import { Page } from '@/components/Page';
import { SearchField } from '@/components/SearchField';
import { experiment } from '@/lib/addresses';
import { counted } from '@/lib/formats';
import { ExperimentsTable } from './ExperimentsTable';
import { type Brief, choices, type ListSearch, matching, STATES, type State, sorted, tally } from './listing';
import { newExperimentPath, type Place } from './paths';
import { useExperiments } from './questions';
import { experimentsRoute } from './routes';
import { STATE_NAMES } from './StateChip';

export function ExperimentsPage() {
  const place = experimentsRoute.useParams();
  const experiments = useExperiments(place);
  return (
    <Page
      title="Experiments"
      description="Which variation of a flag does better, told by what people do."
      actions={<NewButton place={place} />}
    >
      <Answer of={experiments} what="the experiments">
        {(all) => (all.length === 0 ? <None place={place} /> : <Found all={all} />)}
      </Answer>
    </Page>
  );
}

function Found({ all }: { all: Brief[] }) {
  const search = experimentsRoute.useSearch();
  const place = experimentsRoute.useParams();
  const navigate = experimentsRoute.useNavigate();
  const found = useMemo(() => sorted(matching(all, search), search.sort), [all, search]);
  const change = (next: Partial<ListSearch>) =>
    void navigate({ search: (before) => ({ ...before, ...next }), replace: true });
  return (
    <Stack gap="md">
      <Filters all={all} search={search} onChange={change} />
      <VisuallyHidden role="status">{counted(found.length, 'experiment')} found</VisuallyHidden>
      {found.length > 0 ? (
        <ExperimentsTable place={place} rows={found} sort={search.sort} onSort={(sort) => change({ sort })} />
      ) : (
        <Empty title="No experiment fits">
          <Button variant="default" mt="sm" onClick={() => void navigate({ search: {}, replace: true })}>
            Clear the search and filters
          </Button>
        </Empty>
      )}
    </Stack>
  );
}

interface FiltersProps {
  all: Brief[];
  search: ListSearch;
  onChange: (next: Partial<ListSearch>) => void;
}

function Filters({ all, search, onChange }: FiltersProps) {
  const counts = useMemo(() => tally(all), [all]);
  const { flags, metrics } = useMemo(() => choices(all), [all]);
  const isNarrow = useMediaQuery('(max-width: 40em)');
  const present = counts.running + counts.not_started + counts.stopped;
  return (
    <Stack gap="sm">
      <SegmentedControl
        aria-label="Status"
        orientation={isNarrow ? 'vertical' : 'horizontal'}
        w="fit-content"
        maw="100%"
        value={search.state ?? 'all'}
        onChange={(value) => onChange({ state: value === 'all' ? undefined : (value as State) })}
        data={[
          { value: 'all', label: `All (${present})` },
          ...STATES.map((state) => ({ value: state, label: `${STATE_NAMES[state]} (${counts[state]})` })),
        ]}
      />
      <Group gap="sm" align="flex-end">
        <SearchField
          label="Search experiments"
          value={search.q ?? ''}
          onSearch={(q) => onChange({ q: q || undefined })}
          style={{ flex: '1 1 220px' }}
        />
        <Select
          aria-label="Flag"
          placeholder="Any flag"
          data={flags}
          value={search.flag ?? null}
          onChange={(flag) => onChange({ flag: flag ?? undefined })}
          clearable
          searchable
          clearButtonProps={{ 'aria-label': 'Clear the flag' }}
        />
        <Select
          aria-label="Metric"
          placeholder="Any metric"
          data={metrics}
          value={search.metric ?? null}
          onChange={(metric) => onChange({ metric: metric ?? undefined })}
          clearable
          searchable
          clearButtonProps={{ 'aria-label': 'Clear the metric' }}
        />
        <Select
          aria-label="Method"
          placeholder="Any method"
          data={[
            { value: 'bayesian', label: 'Bayesian' },
            { value: 'frequentist', label: 'Frequentist' },
          ]}
          value={search.method ?? null}
          onChange={(method) => onChange({ method: (method ?? undefined) as ListSearch['method'] })}
          clearable
          clearButtonProps={{ 'aria-label': 'Clear the method' }}
        />
      </Group>
    </Stack>
  );
}

function NewButton({ place }: { place: Place }) {
  const navigate = experimentsRoute.useNavigate();
  return (
    <Act
      may={{ action: 'createExperiment', resource: experiment(place.projectKey, place.environmentKey, '*') }}
      leftSection={<IconPlus size={16} />}
      onClick={() => void navigate({ to: newExperimentPath(place) })}
    >
      New experiment
    </Act>
  );
}

function None({ place }: { place: Place }) {
  return (
    <Empty title={`No experiments in ${place.environmentKey} yet`} icon={<IconFlask size={44} stroke={1.3} />}>
      <Stack gap="xs" align="center">
        <Text>
          An experiment needs a flag with two variations and a metric. You will be led through the rest, and can make
          both on the way.
        </Text>
        <Anchor component={Link} to={newExperimentPath(place)}>
          Set up the first one
        </Anchor>
      </Stack>
    </Empty>
  );
}
