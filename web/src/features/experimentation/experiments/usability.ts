// Why a flag or one of its rules cannot be tested, before anybody tries.
import type { Schema } from '@/lib/api/client';
import { DEFAULT_RULE } from './design';
import { ruleName } from './wording';

type Flag = Schema<'FlagRep'>;
type Brief = Schema<'BriefRep'>;

/** Why a flag cannot be tested by anybody, or nothing. */
export function flagProblem(flag: Flag): string | undefined {
  if (flag.archived) return 'This flag is archived: restore it first, or choose another.';
  if (flag._purpose === 'migration') return 'This is a migration flag, and those cannot be tested: choose another.';
  if (flag._purpose === 'holdout') return 'This flag belongs to a holdout: choose another.';
  if (flag.variations.length < 2) return 'This flag has only one variation: add another, or choose another flag.';
  return undefined;
}

/** Why an experiment cannot run on a rule now, or nothing. */
export function ruleProblem(flag: Flag, environmentKey: string, ruleId: string): string | undefined {
  const config = flag.environments?.[environmentKey];
  if (!config) return undefined;
  const rules = config.rules ?? [];
  const rule = ruleId === DEFAULT_RULE ? config.fallthrough : rules.find((each) => each._id === ruleId);
  if (!rule) return 'This rule no longer exists: choose another.';
  if ('disabled' in rule && rule.disabled) return 'This rule is disabled: enable it first, or choose another.';
  const kind = rule.rollout?.experimentAllocation?.type;
  if (kind && kind !== 'experiment') return `This rule is in a rollout of type ${kind}: let that end, or stop it.`;
  return undefined;
}

/** What may be chosen: the flag's rules and its default rule. */
export function rulesOf(flag: Flag, environmentKey: string): { id: string; name: string }[] {
  const rules = flag.environments?.[environmentKey]?.rules ?? [];
  const named = rules.map((rule) => ({ id: rule._id ?? '', name: sentence(ruleName(rule._id ?? '', rules)) }));
  return [{ id: DEFAULT_RULE, name: 'Default rule: whoever no other rule matches' }, ...named];
}

/** The experiment that is running on a flag, if one is. */
export function runningOn(flagKey: string, experiments: readonly Brief[], except = ''): Brief | undefined {
  return experiments.find((each) => each.flagKey === flagKey && each.status === 'running' && each.key !== except);
}

function sentence(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
