// What an experiment has shown so far: what to do, every metric on one scale, and one metric in full.
import { Group, Select, Stack, Text } from '@mantine/core';
import { IconChartDots } from '@tabler/icons-react';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { Answer } from '@/components/Answer';
import { Ago } from '@/components/Moment';
import { Empty, Failure, Waiting } from '@/components/Notices';
import { Snippets } from '@/components/Snippets';
import { date } from '@/lib/formats';
import { adviceOf } from './advice';
import { Conclusion } from './Conclusion';
import { MetricDetail } from './MetricDetail';
import { Overview } from './Overview';
import { useExperiment, useResults } from './questions';
import { type ResultsSearch, resultsSearch } from './search';
import { type Iteration, type Listed, metricsOf, type Place, type Results, startedOf, wholeOf } from './shapes';

export function ResultsTab(place: Place) {
  const experiment = useExperiment(place);
  const [search, change] = useResultsSearch();
  return (
    <Answer of={experiment} what="the experiment">
      {(known) => {
        const iterations = startedOf(known);
        const iteration = iterations.find((each) => each._id === search.iteration) ?? iterations[0];
        if (!iteration) return <NotStarted />;
        return (
          <Stack gap="lg">
            {iterations.length > 1 && (
              <IterationPicker
                iterations={iterations}
                chosen={iteration}
                onChange={(iteration) => change({ iteration })}
              />
            )}
            <IterationResults {...{ place, iteration, search, change }} />
          </Stack>
        );
      }}
    </Answer>
  );
}

function useResultsSearch(): [ResultsSearch, (change: ResultsSearch) => void] {
  const search = resultsSearch(useSearch({ strict: false }));
  const navigate = useNavigate();
  const change = (changed: ResultsSearch) =>
    void navigate({
      to: '.',
      search: (before: object) => ({ ...before, ...changed }),
      replace: true,
      resetScroll: false,
    });
  return [search, change];
}

function NotStarted() {
  return (
    <Empty title="There are no results yet" icon={<IconChartDots size={40} />}>
      The experiment has not been started. Once it runs and the flag is evaluated, what it shows appears here by itself.
    </Empty>
  );
}

interface PickerProps {
  iterations: readonly Iteration[];
  chosen: Iteration;
  onChange: (id: string | undefined) => void;
}

function IterationPicker({ iterations, chosen, onChange }: PickerProps) {
  const data = iterations.map((each, place) => {
    const until = each.endedAt === undefined ? 'now' : date(each.endedAt);
    return {
      value: each._id,
      label: `Iteration ${iterations.length - place}: ${date(each.startedAt ?? 0)} to ${until}`,
    };
  });
  const first = iterations[0]?._id;
  return (
    <Select
      label="Iteration"
      data={data}
      value={chosen._id}
      allowDeselect={false}
      onChange={(id) => onChange(id === first ? undefined : (id ?? undefined))}
      maw={360}
    />
  );
}

interface IterationProps {
  place: Place;
  iteration: Iteration;
  search: ResultsSearch;
  change: (change: ResultsSearch) => void;
}

function IterationResults({ place, iteration, search, change }: IterationProps) {
  const metrics = metricsOf(iteration);
  const answers = useResults(place, iteration, metrics);
  const chosen = metrics.find((each) => each.key === search.metric) ?? metrics[0];
  // A metric that is measured elsewhere has no answer here, and leaves the conclusion to the next.
  const primary = answers.find((each) => !each.error || each.data) ?? answers[0];
  const inFull = answers[chosen ? metrics.indexOf(chosen) : 0]?.data;
  if (!chosen || !primary)
    return <Empty title="This iteration measures nothing">Add a metric to its next iteration.</Empty>;
  if (primary.error && !primary.data) {
    return <Failure error={primary.error} doing="load the results" onRetry={() => void primary.refetch()} />;
  }
  if (!primary.data) return <Waiting what="the results" />;
  const others = answers
    .filter((each) => each !== primary)
    .map((each) => each.data)
    .filter((each) => each !== undefined);
  return (
    <Stack gap="lg">
      <Conclusion advice={adviceOf(primary.data, others)} />
      <AsOf results={primary.data} readAt={primary.dataUpdatedAt} />
      {isUnseen(primary.data) ? (
        <NobodyYet place={place} iteration={iteration} metric={chosen} />
      ) : (
        <>
          <Overview metrics={metrics} answers={answers} chosen={chosen.key} />
          {inFull && (
            <MetricDetail
              {...{ place, iteration }}
              metric={chosen}
              results={inFull}
              attribute={search.attribute}
              onAttribute={(attribute) => change({ attribute })}
            />
          )}
        </>
      )}
    </Stack>
  );
}

/** How fresh the figures are. */
function AsOf({ results, readAt }: { results: Results; readAt: number }) {
  const isRunning = results.iterationStatus === 'running';
  return (
    <Group gap="xs">
      <Text size="sm" c="dimmed">
        {isRunning ? 'Running' : 'Ended'}. {isUnseen(results) ? 'Started' : 'Newest fact counted'}{' '}
        <Ago at={results.dataThrough} />; read <Ago at={readAt} />
        {isRunning ? ', and again every 15 seconds' : ''}.
      </Text>
    </Group>
  );
}

function isUnseen(results: Results): boolean {
  return wholeOf(results).every((each) => (each.traffic ?? each.units) === 0);
}

function NobodyYet({ place, iteration, metric }: { place: Place; iteration: Iteration; metric: Listed }) {
  const flagKey = Object.keys(iteration.flags)[0] ?? '';
  return (
    <Empty title="Nobody has been exposed yet" icon={<IconChartDots size={40} />}>
      <Stack gap="sm">
        <Text>
          An exposure is sent when an SDK evaluates “{flagKey}” for a {iteration.randomizationUnit}; this page shows it
          within seconds.
        </Text>
        <Snippets
          projectKey={place.projectKey}
          environmentKey={place.environmentKey}
          flagKey={flagKey}
          eventKey={metric.eventKey}
          isNumeric={metric.isNumeric}
        />
      </Stack>
    </Empty>
  );
}
