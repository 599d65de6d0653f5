// An experiment being made: its steps, and what is still missing in each.
import { BLANK, type Design } from './design';

export interface Draft extends Design {
  name: string;
  key: string;
}

export const EMPTY: Draft = { ...BLANK, name: '', key: '' };

export type Step = 'hypothesis' | 'flag' | 'treatments' | 'unit' | 'metrics' | 'method' | 'review';
export type Field =
  | 'name'
  | 'key'
  | 'hypothesis'
  | 'flag'
  | 'treatments'
  | 'baseline'
  | 'audience'
  | 'unit'
  | 'metrics'
  | 'primary'
  | 'threshold';

export const STEPS: readonly { step: Step; title: string; fields: readonly Field[] }[] = [
  { step: 'hypothesis', title: 'Hypothesis', fields: ['name', 'key', 'hypothesis'] },
  { step: 'flag', title: 'Flag and rule', fields: ['flag'] },
  { step: 'treatments', title: 'Treatments', fields: ['treatments', 'baseline', 'audience'] },
  { step: 'unit', title: 'Randomization unit', fields: ['unit'] },
  { step: 'metrics', title: 'Metrics', fields: ['metrics', 'primary'] },
  { step: 'method', title: 'Method and size', fields: ['threshold'] },
  { step: 'review', title: 'Review', fields: [] },
];

const KEY = /^[A-Za-z0-9][A-Za-z0-9._-]*$/;

/** What is wrong or missing, by field; `flagProblem` is why the chosen flag or rule cannot be tested. */
export function problemsOf(draft: Draft, flagProblem?: string): Partial<Record<Field, string>> {
  const found: Partial<Record<Field, string>> = { ...designProblems(draft, flagProblem) };
  if (!draft.name.trim()) found.name = 'Give the experiment a name.';
  if (!KEY.test(draft.key)) {
    found.key = 'Start with a letter or digit; then letters, digits, dots, dashes and underscores.';
  }
  return found;
}

/** The same for a design alone. */
export function designProblems(design: Design, flagProblem?: string): Partial<Record<Field, string>> {
  const found: Partial<Record<Field, string>> = {};
  if (!design.hypothesis.trim()) found.hypothesis = 'Say what you expect to happen, and why.';
  if (!design.flagKey) found.flag = 'Choose the flag to test.';
  else if (flagProblem) found.flag = flagProblem;
  const named = design.treatments.map((each) => each.name.trim());
  if (design.treatments.length < 2) found.treatments = 'Test at least two variations against each other.';
  else if (named.some((name) => !name)) found.treatments = 'Give every treatment a name.';
  else if (new Set(named).size < named.length) found.treatments = 'Give every treatment a name of its own.';
  else if (design.treatments.some((each) => each.share === 0)) {
    found.treatments = 'A treatment with 0% has nobody in it: give it a share, or leave it out.';
  }
  if (!design.treatments.some((each) => each.variationId === design.baselineId)) {
    found.baseline = 'Choose the treatment that the others are compared with.';
  }
  if (!(design.audience > 0 && design.audience <= 100)) found.audience = 'Let more than 0% and at most 100% take part.';
  if (!design.unit) found.unit = 'Choose what is assigned to a treatment.';
  if (design.metrics.length === 0) found.metrics = 'Choose at least one metric.';
  else if (!design.metrics.some((each) => each.key === design.primaryKey)) {
    found.primary = 'Choose the metric that decides.';
  }
  const threshold = design.methodology === 'bayesian' ? design.bayesianThreshold : design.significance;
  const [low, high] = design.methodology === 'bayesian' ? [50, 99.99] : [0.01, 49];
  if (!(Number(threshold) >= low && Number(threshold) <= high)) {
    found.threshold = `Choose a percentage from ${low} to ${high}.`;
  }
  return found;
}

/** The first problem of a step, or nothing if it is done. */
export function problemIn(step: Step, problems: Partial<Record<Field, string>>): string | undefined {
  const fields = STEPS.find((each) => each.step === step)?.fields ?? [];
  return fields.map((field) => problems[field]).find(Boolean);
}

/** The first step that is not done, or the review. */
export function firstOpen(problems: Partial<Record<Field, string>>): Step {
  return STEPS.find(({ step }) => problemIn(step, problems))?.step ?? 'review';
}
