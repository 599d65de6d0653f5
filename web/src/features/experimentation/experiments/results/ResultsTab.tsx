// What an experiment has shown so far: what to do, every metric on one scale, and one metric in full.
import { Select, Stack, Text } from '@mantine/core';
import { IconChartDots } from '@tabler/icons-react';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { Answer } from '@/components/Answer';
import { Ago } from '@/components/Moment';
import { Empty } from '@/components/Notices';
import { Snippets } from '@/components/Snippets';
import { date } from '@/lib/formats';
import { adviceOf } from './advice';
import { Conclusion } from './Conclusion';
import { MetricDetail } from './MetricDetail';
import { Overview } from './Overview';
import { useEveryMetric, useExperiment } from './questions';
import { type ResultsSearch, resultsSearch } from './search';
import {
  type EveryMetric,
  type Iteration,
  type Listed,
  metricsOf,
  type Place,
  type Results,
  startedOf,
  wholeOf,
} from './shapes';

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
  const asked = useEveryMetric(place, iteration);
  const metrics = metricsOf(iteration);
  return (
    <Answer of={asked} what="the results">
      {(every) => {
        const found = metrics.map((metric) => resultsIn(every, metric));
        const deciding = found.find((each) => each !== undefined);
        const at = Math.max(
          0,
          metrics.findIndex((each) => each.key === search.metric),
        );
        const metric = metrics[at];
        const results = found[at];
        const others = found.filter((each): each is Results => each !== undefined && each !== deciding);
        if (!deciding || !metric) {
          return (
            <Empty title="Nothing is measured here">
              The next iteration needs a metric whose events come to Flaghoist.
            </Empty>
          );
        }
        return (
          <Stack gap="lg">
            <Conclusion advice={adviceOf(deciding, others)} />
            <AsOf results={deciding} readAt={asked.dataUpdatedAt} iteration={iteration} />
            {isUnseen(deciding) ? (
              <NobodyYet place={place} iteration={iteration} metric={metric} />
            ) : (
              <Overview metrics={metrics} found={found} chosen={metric.key} />
            )}
            {!isUnseen(deciding) && results && (
              <MetricDetail
                {...{ place, iteration, metric, results }}
                attribute={search.attribute}
                onAttribute={(attribute) => change({ attribute })}
              />
            )}
          </Stack>
        );
      }}
    </Answer>
  );
}

function resultsIn(every: EveryMetric, { key, groupKey }: Listed): Results | undefined {
  return every.metrics.find((each) => each.key === key && each.group === groupKey)?.results;
}

/** How fresh the figures are, and what was decided when the iteration was stopped. */
function AsOf({ results, readAt, iteration }: { results: Results; readAt: number; iteration: Iteration }) {
  const isRunning = results.iterationStatus === 'running';
  const chosen = wholeOf(results).find((each) => each.treatmentId === iteration.winningTreatmentId);
  return (
    <Text size="sm" c="dimmed">
      {isRunning ? 'Running' : 'Ended'}. {isUnseen(results) ? 'Started' : 'Newest fact counted'}{' '}
      <Ago at={results.dataThrough} />; read <Ago at={readAt} />
      {isRunning ? ', and again every 15 seconds' : ''}.
      {chosen && ` When it was stopped, “${chosen.treatmentName}” was chosen`}
      {chosen && (iteration.winningReason ? `: ${iteration.winningReason}` : '.')}
    </Text>
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
