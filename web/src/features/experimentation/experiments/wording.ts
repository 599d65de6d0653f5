// An experiment in a sentence.
import { DEFAULT_RULE, type Design } from './design';

interface Names {
  flag: string;
  rule: string;
  environment: string;
}

/** Everything that matters about a design, as somebody would say it. */
export function sentenceOf(design: Design, names: Names): string {
  const who = design.audience < 100 ? `${design.audience}% of those who meet` : 'Everybody who meets';
  const arms = design.treatments.map((each) => {
    const baseline = each.variationId === design.baselineId ? ', the baseline' : '';
    return `“${each.name}” (${each.share}%${baseline})`;
  });
  const primary = design.metrics.find((each) => each.key === design.primaryKey);
  const others = design.metrics.length - 1;
  const watching = others > 0 ? `, with ${others} more ${others === 1 ? 'metric' : 'metrics'} watched` : '';
  return (
    `${who} ${names.rule} of “${names.flag}” in ${names.environment} will see ${joined(arms, 'or')}, ` +
    `each ${design.unit} always the same; “${primary?.name ?? ''}” decides${watching}, ${methodOf(design)}.`
  );
}

/** How results are judged. */
export function methodOf(design: Design): string {
  if (design.methodology === 'bayesian') {
    return `once a treatment is best with ${design.bayesianThreshold}% probability (Bayesian)`;
  }
  const kind = design.sequential
    ? 'sequential, so you may look at any time'
    : 'fixed horizon, so look once, at the end';
  const sides = design.direction === 'one-sided' ? 'one-sided' : 'two-sided';
  const correction = design.correction ? `, ${CORRECTIONS[design.correction]} correction` : '';
  return `at a significance level of ${design.significance}% (frequentist, ${sides}; ${kind}${correction})`;
}

export const CORRECTIONS = { bonferroni: 'Bonferroni', 'benjamini-hochberg': 'Benjamini–Hochberg' } as const;

interface RuleLike {
  _id?: string;
  description?: string | null;
}

/** What a rule is called: its description, or its place among the rules. */
export function ruleName(ruleId: string, rules: readonly RuleLike[]): string {
  if (ruleId === DEFAULT_RULE) return 'the default rule';
  const place = rules.findIndex((rule) => rule._id === ruleId);
  if (place < 0) return 'a rule that is gone';
  const said = rules[place]?.description;
  return said ? `rule ${place + 1} (“${said}”)` : `rule ${place + 1}`;
}

/** What a variation is called, or else its value. */
export function variationName(variation: { name?: string | null; value: unknown } | undefined): string {
  if (!variation) return 'what they got before';
  return variation.name ? `“${variation.name}”` : JSON.stringify(variation.value);
}

/** Things in a row: a, b and c. */
export function joined(parts: readonly string[], word: 'and' | 'or' = 'and'): string {
  if (parts.length < 2) return parts.join('');
  return `${parts.slice(0, -1).join(', ')} ${word} ${parts.at(-1)}`;
}
