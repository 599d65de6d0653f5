// How results are judged, in plain words.
import { Collapse, NumberInput, Paper, Radio, Select, Stack, Switch, Text } from '@mantine/core';
import type { Design, Methodology } from '../design';
import type { StepProps } from './step';

export function MethodStep({ design, change, problems }: StepProps) {
  return (
    <Stack>
      <Radio.Group
        label="Method"
        description="Both are sound. Agree on one before you start, and stay with it."
        value={design.methodology}
        onChange={(value) => change({ methodology: value as Methodology })}
      >
        <Stack gap="xs" mt="xs">
          <Radio
            value="bayesian"
            label="Bayesian"
            description="Answers “how probable is it that this one is best?” You may look whenever you like, but early answers can still turn."
          />
          <Radio
            value="frequentist"
            label="Frequentist"
            description="Answers “could this be luck?” with p-values and confidence intervals, as in textbooks and papers."
          />
        </Stack>
      </Radio.Group>
      <Paper withBorder p="md">
        {design.methodology === 'bayesian' ? (
          <NumberInput
            label="Probability that counts as an answer"
            description="A treatment wins once it is best with this probability. 95% means: of twenty such winners, about one is not."
            value={design.bayesianThreshold}
            onChange={(value) => change({ bayesianThreshold: String(value) })}
            suffix="%"
            min={50}
            max={99.99}
            maw={360}
            error={problems.threshold}
          />
        ) : (
          <Frequentist design={design} change={change} problem={problems.threshold} />
        )}
      </Paper>
    </Stack>
  );
}

interface FrequentistProps {
  design: Design;
  change: (next: Partial<Design>) => void;
  problem: string | undefined;
}

function Frequentist({ design, change, problem }: FrequentistProps) {
  return (
    <Stack>
      <NumberInput
        label="Significance level"
        description="How often you accept to call a difference that is only luck. 5% is usual; lower is stricter and takes longer."
        value={design.significance}
        onChange={(value) => change({ significance: String(value) })}
        suffix="%"
        min={0.01}
        max={49}
        maw={360}
        error={problem}
      />
      <Switch
        label="Sequential testing"
        description={
          design.sequential
            ? 'You may look at any time and stop as soon as there is a verdict. It takes somewhat more units.'
            : 'Fixed horizon: decide on the size first and look once, at the end. Looking earlier and stopping on what you see breaks the promise of the level.'
        }
        checked={design.sequential}
        onChange={(event) => change({ sequential: event.currentTarget.checked })}
      />
      <Select
        label="Direction"
        description="Two-sided looks for harm as well as for good."
        data={[
          { value: 'two-sided', label: 'Two-sided: better or worse' },
          { value: 'one-sided', label: 'One-sided: better only' },
        ]}
        value={design.direction}
        onChange={(direction) => direction && change({ direction: direction as Design['direction'] })}
        allowDeselect={false}
        maw={360}
      />
      <Select
        label="Correction for many comparisons"
        description="The more questions you ask, the likelier one is answered yes by luck. Bonferroni guards against any such answer, Benjamini–Hochberg keeps their share low."
        data={[
          { value: '', label: 'None' },
          { value: 'bonferroni', label: 'Bonferroni' },
          { value: 'benjamini-hochberg', label: 'Benjamini–Hochberg' },
        ]}
        value={design.correction}
        onChange={(correction) => change({ correction: (correction ?? '') as Design['correction'] })}
        allowDeselect={false}
        maw={360}
      />
      <Collapse expanded={design.correction !== ''}>
        {design.correction !== '' && (
          <Radio.Group
            label="What counts as one question"
            value={design.correctionScope}
            onChange={(scope) => change({ correctionScope: scope as Design['correctionScope'] })}
          >
            <Stack gap="xs" mt="xs">
              <Radio value="variations" label="The treatments of one metric" />
              <Radio value="metrics" label="The metrics of one treatment" />
              <Radio value="variations-and-metrics" label="All treatments and metrics together" />
            </Stack>
          </Radio.Group>
        )}
      </Collapse>
      <Text size="xs" c="dimmed">
        Intervals and p-values are shown with their methods in the results.
      </Text>
    </Stack>
  );
}
