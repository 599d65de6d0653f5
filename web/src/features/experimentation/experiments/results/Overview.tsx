// Every metric on one scale: how each treatment differs from the baseline, and how surely.
import { Anchor, Box, Group, Paper, Text, Title } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { Chip } from '@/components/Chip';
import { Axis, Interval } from './Interval';
import classes from './results.module.css';
import { type Scale, scaleOf } from './scale';
import { baselineOf, differenceOf, type Listed, type Results, type Treatment, wholeOf } from './shapes';
import { standingOf } from './standing';
import { changed, changedWithin, smallness, surety, valued } from './wording';

interface Props {
  metrics: readonly Listed[];
  /** The results of each metric, in order; nothing where it is measured elsewhere. */
  found: readonly (Results | undefined)[];
  chosen: string;
}

export function Overview({ metrics, found, chosen }: Props) {
  const scale = scaleOf(found.flatMap((results) => (results ? estimatesOf(results) : [])));
  return (
    <Paper withBorder py="sm" className={classes.rows} component="section" aria-labelledby="all-metrics">
      <Title order={2} size="h4" px="md" pb="xs" id="all-metrics">
        All metrics
      </Title>
      <div className={classes.head} aria-hidden>
        <span>Metric and treatment</span>
        <span>Value</span>
        <div>
          Difference from the baseline
          <Axis scale={scale} />
        </div>
        <span>Estimate and interval</span>
        <span>How sure</span>
      </div>
      <ul className={classes.list}>
        {metrics.map((metric, place) => (
          <MetricRow
            key={`${metric.group ?? ''}/${metric.key}`}
            metric={metric}
            results={found[place]}
            scale={scale}
            isChosen={metric.key === chosen}
          />
        ))}
      </ul>
    </Paper>
  );
}

interface RowProps {
  metric: Listed;
  results: Results | undefined;
  scale: Scale;
  isChosen: boolean;
}

function MetricRow({ metric, results, scale, isChosen }: RowProps) {
  const treatments = results ? wholeOf(results) : [];
  const baseline = baselineOf(treatments);
  const small = smallness(treatments);
  return (
    <li className={classes.metric} data-chosen={isChosen}>
      <Group gap="xs" mb={4}>
        <Anchor
          component={Link}
          to="."
          search={chosenIn(metric.key)}
          replace
          resetScroll={false}
          aria-current={isChosen ? 'true' : undefined}
          fw={600}
        >
          {metric.name}
        </Anchor>
        {metric.isPrimary && <Chip tone="info">Decides</Chip>}
        {metric.group && (
          <Text size="xs" c="dimmed">
            in {metric.group}
          </Text>
        )}
        {results?.settings.successCriteria === 'LowerThanBaseline' && (
          <Text size="xs" c="dimmed">
            lower is better
          </Text>
        )}
        {results && baseline && (
          <Text size="sm" c="dimmed">
            “{baseline.treatmentName}”, the baseline: {valued(baseline.mean, results)}
          </Text>
        )}
      </Group>
      {results &&
        treatments
          .filter((each) => !each.baseline)
          .map((each) => (
            <TreatmentRow key={each.treatmentId} treatment={each} baseline={baseline} results={results} scale={scale} />
          ))}
      {small && (
        <Text size="xs" c="dimmed" mt={2}>
          {small}
        </Text>
      )}
      {!results && (
        <Text size="sm" c="dimmed">
          Measured outside Flaghoist: its results are not here.
        </Text>
      )}
    </li>
  );
}

/** The page's search with another metric chosen; the page it stands in has more in its search than this one knows. */
function chosenIn(metric: string) {
  return ((before: object) => ({ ...before, metric })) as never;
}

interface TreatmentProps {
  treatment: Treatment;
  baseline: Treatment | undefined;
  results: Results;
  scale: Scale;
}

function TreatmentRow({ treatment, baseline, results, scale }: TreatmentProps) {
  const difference = differenceOf(treatment, baseline);
  const standing = standingOf(treatment, results);
  const within = changedWithin(difference);
  return (
    <div className={classes.row}>
      <Text size="sm" className={classes.cell}>
        {treatment.treatmentName}
      </Text>
      <Text size="sm" className={classes.numbers}>
        {valued(treatment.mean, results)}
      </Text>
      <Box className={classes.wide}>
        <Interval
          estimate={difference}
          scale={scale}
          mark={standing.mark}
          of={`“${treatment.treatmentName}” in ${results.metric.name}`}
        />
      </Box>
      <Text size="sm" className={`${classes.numbers} ${classes.cell}`}>
        <b>{changed(difference)}</b>
        {within && (
          <Text component="span" size="xs" c="dimmed" display="block">
            {within}
          </Text>
        )}
      </Text>
      <Box className={classes.cell}>
        <Chip tone={standing.tone}>{standing.word}</Chip>
        {standing.word !== 'Not to be trusted' && (
          <Text size="xs" c="dimmed" className={classes.numbers} mt={2}>
            {surety(treatment, results)}
          </Text>
        )}
      </Box>
    </div>
  );
}

function estimatesOf(results: Results) {
  const treatments = wholeOf(results);
  const baseline = baselineOf(treatments);
  return treatments.filter((each) => !each.baseline).map((each) => differenceOf(each, baseline));
}
