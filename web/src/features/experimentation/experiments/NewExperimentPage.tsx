// Guides through the making of an experiment, one question after the other.
import { Alert, Button, Group, Paper, Stack, Text, Title } from '@mantine/core';
import { useEffect, useRef, useState } from 'react';
import { Page } from '@/components/Page';
import { type Field, firstOpen, problemIn, problemsOf, STEPS, type Step } from './draft';
import { type KeptDraft, useKeptDraft } from './keptDraft';
import { experimentsPath, type Place } from './paths';
import { useFlag, useMetricByKey } from './questions';
import { ReviewStep } from './ReviewStep';
import { newExperimentRoute } from './routes';
import { StepList } from './StepList';
import { FlagStep, testing } from './steps/FlagStep';
import { NameAndHypothesis } from './steps/HypothesisStep';
import { MethodStep } from './steps/MethodStep';
import { MetricsStep, withMetric } from './steps/MetricsStep';
import { SampleSize } from './steps/SampleSize';
import type { StepProps } from './steps/step';
import { TreatmentsStep } from './steps/TreatmentsStep';
import { UnitStep } from './steps/UnitStep';
import { flagProblem, ruleProblem } from './usability';

export function NewExperimentPage() {
  const place = newExperimentRoute.useParams();
  const kept = useKeptDraft(place);
  useArrivals(place, kept);
  return (
    <Page
      title="New experiment"
      crumbs={[{ label: 'Experiments', to: experimentsPath(place) }]}
      description="Seven short steps. Nothing runs before you start it."
    >
      <Guide place={place} kept={kept} />
    </Page>
  );
}

function Guide({ place, kept }: { place: Place; kept: KeptDraft }) {
  const { draft, change, discard } = kept;
  const search = newExperimentRoute.useSearch();
  const navigate = newExperimentRoute.useNavigate();
  const [left, setLeft] = useState<ReadonlySet<Step>>(new Set());
  const flag = useFlag(place, draft.flagKey).data;
  const inFlag = flag && (flagProblem(flag) ?? ruleProblem(flag, place.environmentKey, draft.ruleId));
  const problems = problemsOf(draft, inFlag);
  const step = search.step ?? 'hypothesis';
  const at = STEPS.findIndex((each) => each.step === step);
  const heading = useRef<HTMLHeadingElement>(null);

  const go = (to: Step) => {
    setLeft((before) => new Set([...before, step]));
    void navigate({ search: (before) => ({ ...before, step: to }) });
    requestAnimationFrame(() => heading.current?.focus());
  };
  const next = STEPS[at + 1]?.step;
  const onNext = () => {
    setLeft((before) => new Set([...before, step]));
    if (next && !problemIn(step, problems)) go(next);
  };
  const shown = shownProblems(problems, left);
  const props: StepProps = { place, design: draft, change, problems: shown };

  return (
    <Group align="flex-start" gap="xl" wrap="wrap">
      <StepList current={step} problems={problems} left={left} onGo={go} />
      <Paper withBorder p="lg" style={{ flex: '1 1 420px', minWidth: 0 }}>
        <Stack gap="lg">
          <Stack gap={2}>
            <Text size="xs" c="dimmed">
              Step {at + 1} of {STEPS.length}
            </Text>
            <Title order={2} size="h3" ref={heading} tabIndex={-1} style={{ outline: 'none' }}>
              {STEPS[at]?.title}
            </Title>
          </Stack>
          {step === 'hypothesis' && <NameAndHypothesis {...props} draft={draft} rename={change} />}
          {step === 'flag' && <FlagStep {...props} />}
          {step === 'treatments' && <TreatmentsStep {...props} />}
          {step === 'unit' && <UnitStep {...props} />}
          {step === 'metrics' && <MetricsStep {...props} />}
          {step === 'method' && (
            <>
              <MethodStep {...props} />
              <SampleSize place={place} design={draft} />
            </>
          )}
          {step === 'review' && (
            <ReviewStep place={place} draft={draft} flag={flag} problems={problems} onGo={go} onMade={discard} />
          )}
          {step !== 'review' && (
            <Group justify="space-between">
              <Button variant="default" disabled={at === 0} onClick={() => go(STEPS[at - 1]?.step ?? 'hypothesis')}>
                Back
              </Button>
              <Group gap="xs">
                {firstOpen(problems) === 'review' && next !== 'review' && (
                  <Button variant="default" onClick={() => go('review')}>
                    Go to the review
                  </Button>
                )}
                <Button onClick={onNext}>Next: {STEPS[at + 1]?.title}</Button>
              </Group>
            </Group>
          )}
        </Stack>
      </Paper>
      {kept.wasKept && (
        <Alert variant="light" color="gray" w="100%" py="xs">
          <Group justify="space-between">
            <Text size="sm">This is the draft you began in this tab.</Text>
            <Button
              variant="default"
              size="compact-sm"
              onClick={() => {
                discard();
                setLeft(new Set());
                void navigate({ search: {} });
              }}
            >
              Begin anew
            </Button>
          </Group>
        </Alert>
      )}
    </Group>
  );
}

/** What is wrong with something typed shows at once; what is merely missing, once its step has been left. */
function shownProblems(problems: Partial<Record<Field, string>>, left: ReadonlySet<Step>) {
  const atOnce: readonly Field[] = ['key', 'threshold', 'audience', 'treatments', 'baseline'];
  const shown: Partial<Record<Field, string>> = {};
  for (const { step, fields } of STEPS) {
    for (const field of fields) {
      const isTyped = atOnce.includes(field) && !(field === 'key' && problems.name);
      if (problems[field] && (left.has(step) || isTyped)) shown[field] = problems[field];
    }
  }
  return shown;
}

/** Whoever comes from a flag's page tests that flag; whoever has just made a metric finds it chosen. */
function useArrivals(place: Place, { draft, change }: KeptDraft): void {
  const search = newExperimentRoute.useSearch();
  const navigate = newExperimentRoute.useNavigate();
  const flag = useFlag(place, search.flag ?? '').data;
  const metric = useMetricByKey(place.projectKey, search.metric ?? '').data;
  useEffect(() => {
    if (!flag) return;
    if (draft.flagKey !== flag.key) change(testing(flag));
    void navigate({ search: (before) => ({ ...before, flag: undefined }), replace: true });
  }, [flag, draft.flagKey, change, navigate]);
  useEffect(() => {
    if (!metric) return;
    const isNew = !draft.metrics.some((each) => each.key === metric.key);
    if (isNew) change(withMetric(draft, { key: metric.key, isGroup: false, name: metric.name }));
    void navigate({ search: (before) => ({ ...before, metric: undefined }), replace: true });
  }, [metric, draft, change, navigate]);
}
