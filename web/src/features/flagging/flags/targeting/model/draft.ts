// What a flag does in one environment, as somebody edits it: variations by id, so that nothing slips when they change.
import type { Schema } from '@/lib/api/client';
import { canonical, type Variation } from '../../values';
import { WHOLE } from './weights';

export type Config = Schema<'FlagConfigRep'>;
export type ServerRollout = Schema<'Rollout'>;

export interface Rollout {
  /** Thousandths of a percent by variation id; together all of the traffic. */
  weights: Record<string, number>;
  contextKind: string;
  /** The attribute that is hashed; the key where empty. */
  bucketBy: string;
}

export type Serve =
  | { is: 'variation'; variationId: string }
  | { is: 'rollout'; rollout: Rollout }
  /** Belongs to an experiment, which decides about it. */
  | { is: 'experiment'; rollout: ServerRollout; weights: Record<string, number> };

export interface Clause {
  id: string;
  contextKind: string;
  attribute: string;
  op: string;
  values: unknown[];
  negate: boolean;
}

export interface Rule {
  id: string;
  description: string;
  clauses: Clause[];
  serve: Serve;
  /** Passed over by SDKs; only the API sets it. */
  isDisabled?: boolean;
}

export interface TargetList {
  contextKind: string;
  variationId: string;
  keys: string[];
}

export interface Prerequisite {
  key: string;
  /** The place of the variation among the other flag's. */
  variation: number;
  /** Known once somebody has chosen it here. */
  variationId?: string;
}

export interface Draft {
  on: boolean;
  prerequisites: Prerequisite[];
  targets: TargetList[];
  rules: Rule[];
  fallthrough: Serve;
  /** Empty where none is set: SDKs then serve their own fallback. */
  offVariationId: string;
}

const NEW = 'new ';

/** The id of a rule or clause that the server does not know yet. */
export function newId(): string {
  return `${NEW}${crypto.getRandomValues(new Uint32Array(2)).join('-')}`;
}

export function isNew(id: string): boolean {
  return id.startsWith(NEW);
}

/** What the server says, as a draft in which nothing has been changed. */
export function draftOf(config: Config, variations: readonly Variation[]): Draft {
  const id = (index: number | null | undefined) => idOf(variations, index);
  return {
    on: config.on,
    prerequisites: (config.prerequisites ?? []).map(({ key, variation }) => ({ key, variation: variation ?? -1 })),
    targets: [...(config.targets ?? []), ...(config.contextTargets ?? [])]
      .filter((each) => each.values.length > 0)
      .map((each) => ({
        contextKind: each.contextKind ?? 'user',
        variationId: id(each.variation),
        keys: each.values,
      })),
    rules: (config.rules ?? []).map((rule) => ({
      id: rule._id ?? '',
      description: rule.description ?? '',
      clauses: rule.clauses.map(clauseOf),
      serve: serveOf(rule, variations),
      ...(rule.disabled ? { isDisabled: true } : {}),
    })),
    fallthrough: serveOf(config.fallthrough ?? {}, variations),
    offVariationId: config.offVariation === undefined ? '' : id(config.offVariation),
  };
}

/** Whether two parts of drafts mean the same; the order of members says nothing. */
export function same(one: unknown, other: unknown): boolean {
  return canonical(one) === canonical(other);
}

/** Whether two drafts mean the same: the order of targets and prerequisites says nothing either. */
export function sameDraft(one: Draft, other: Draft): boolean {
  // What has not been touched is the same object: thousands of targets need not be compared at every key typed.
  const differing = (Object.keys(one) as (keyof Draft)[]).filter((part) => one[part] !== other[part]);
  if (differing.length === 0) return true;
  const [mine, their] = [settled(one), settled(other)];
  return differing.every((part) => same(mine[part], their[part]));
}

function settled(draft: Draft) {
  const targets = draft.targets.flatMap(({ contextKind, variationId, keys }) =>
    keys.map((key) => `${contextKind} ${variationId} ${key}`),
  );
  const prerequisites = draft.prerequisites.map(({ key, variation }) => `${key} ${variation}`);
  return { ...draft, targets: targets.sort(), prerequisites: prerequisites.sort() };
}

function serveOf(serve: Schema<'Serve'>, variations: readonly Variation[]): Serve {
  const { rollout } = serve;
  if (!rollout) return { is: 'variation', variationId: idOf(variations, serve.variation) };
  const weights: Record<string, number> = {};
  for (const [place] of variations.entries()) weights[idOf(variations, place)] = 0;
  for (const share of rollout.variations) {
    const id = idOf(variations, share.variation);
    weights[id] = (weights[id] ?? 0) + share.weight;
  }
  if (rollout.experimentAllocation) return { is: 'experiment', rollout, weights };
  return {
    is: 'rollout',
    rollout: { weights, contextKind: rollout.contextKind || 'user', bucketBy: rollout.bucketBy ?? '' },
  };
}

function clauseOf(clause: Schema<'Clause'>): Clause {
  return {
    id: clause._id ?? '',
    contextKind: clause.contextKind || 'user',
    attribute: clause.attribute,
    op: clause.op,
    values: clause.values,
    negate: clause.negate ?? false,
  };
}

/** Ids are the server's; one that is missing is named by its place, so that it shows as missing. */
function idOf(variations: readonly Variation[], index: number | null | undefined): string {
  return variations[index ?? -1]?._id ?? `missing ${index}`;
}

/** A clause to begin with. */
export function newClause(): Clause {
  return { id: newId(), contextKind: 'user', attribute: '', op: 'in', values: [], negate: false };
}

/** A rule to begin with. */
export function newRule(serve: Serve): Rule {
  return { id: newId(), description: '', clauses: [newClause()], serve };
}

/** A rollout to begin with: everybody gets what they got. */
export function rolloutFrom(variationId: string, variations: readonly Variation[]): Rollout {
  const weights = Object.fromEntries(variations.map((each) => [each._id ?? '', each._id === variationId ? WHOLE : 0]));
  return { weights, contextKind: 'user', bucketBy: '' };
}
