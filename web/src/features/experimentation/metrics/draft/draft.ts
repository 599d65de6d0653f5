// A metric while somebody writes it, and the body of the API that it becomes.
import type { Schema } from '@/lib/api/client';
import { type Condition, conditionsOf, filterOf } from './conditions';
import { type Shape, shapeOf } from './shapes';

type Metric = Schema<'MetricRep'>;
export type MetricPost = Schema<'MetricPost'>;
export type UrlKind = 'exact' | 'canonical' | 'substring' | 'regex';

export interface PageMatcher {
  /** Tells matchers apart while they are edited. */
  id: number;
  kind: UrlKind;
  text: string;
}

export interface Draft {
  shape: Shape;
  name: string;
  key: string;
  description: string;
  tags: string[];
  eventKey: string;
  selector: string;
  pages: PageMatcher[];
  /** For clicks and page views: how many times, not whether at all. */
  countsTimes: boolean;
  /** Of the number: ms, USD. */
  unit: string;
  higherIsBetter: boolean;
  analysisUnits: string[];
  /** Units without events take no part. */
  leavesOutAbsent: boolean;
  /** Compare this percentile instead of the mean. */
  percentile: number | null;
  /** Of a ratio: what is added up above and below, numbers or events. */
  topIsNumeric: boolean;
  bottomEventKey: string;
  bottomIsNumeric: boolean;
  /** Hours after the first exposure. */
  windowStart: number | null;
  windowEnd: number | null;
  winsorUpper: number | null;
  winsorLower: number | null;
  /** All must hold, or any; null where the filter is more than this form can show. */
  conditions: Condition[] | null;
  conditionsJoin: 'and' | 'or';
}

export const NEW_DRAFT: Draft = {
  shape: 'conversion',
  name: '',
  key: '',
  description: '',
  tags: [],
  eventKey: '',
  selector: '',
  pages: [{ id: 1, kind: 'substring', text: '' }],
  countsTimes: false,
  unit: '',
  higherIsBetter: true,
  analysisUnits: ['user'],
  leavesOutAbsent: false,
  percentile: null,
  topIsNumeric: true,
  bottomEventKey: '',
  bottomIsNumeric: false,
  windowStart: null,
  windowEnd: null,
  winsorUpper: null,
  winsorLower: null,
  conditions: [],
  conditionsJoin: 'and',
};

const HOUR_MS = 3_600_000;

export const isOfEvents = (shape: Shape) => shape !== 'click' && shape !== 'pageview';
/** Whether the numbers that events carry matter. */
export const isNumeric = ({ shape, topIsNumeric }: Draft) =>
  shape === 'total' || shape === 'average' || (shape === 'ratio' && topIsNumeric);
/** Whether a percentile could be compared instead of the mean. */
export const mayBePercentile = ({ shape }: Draft) => shape === 'count' || shape === 'total' || shape === 'average';
/** Whether units without events could be left out. */
export const mayLeaveOut = (draft: Draft) => mayBePercentile(draft) && draft.percentile === null;
/** Whether extreme values could be capped. */
export const mayBeCapped = (draft: Draft) => isNumeric(draft) && draft.percentile === null;

/** The members of a metric that a draft decides; null clears one. */
export function membersOf(draft: Draft): Omit<MetricPost, 'key' | 'kind'> {
  const ofEvents = isOfEvents(draft.shape);
  const numeric = isNumeric(draft);
  const percentile = mayBePercentile(draft) ? draft.percentile : null;
  const leavesOut = percentile !== null || (mayLeaveOut(draft) && draft.leavesOutAbsent);
  const winsorUpper = mayBeCapped(draft) ? draft.winsorUpper : null;
  const winsorLower = mayBeCapped(draft) ? draft.winsorLower : null;
  return {
    name: draft.name.trim() || draft.key,
    description: draft.description.trim() || null,
    tags: draft.tags,
    eventKey: ofEvents ? draft.eventKey : null,
    selector: draft.shape === 'click' ? draft.selector.trim() : null,
    urls: ofEvents ? null : draft.pages.map(urlOf),
    isNumeric: numeric,
    unit: numeric ? draft.unit.trim() : null,
    successCriteria: ofEvents ? (draft.higherIsBetter ? 'HigherThanBaseline' : 'LowerThanBaseline') : null,
    analysisUnits: draft.analysisUnits,
    unitAggregationType: addsUp(draft) ? 'sum' : 'average',
    analysisType: percentile === null ? 'mean' : 'percentile',
    percentileValue: percentile,
    eventDefault: { disabled: leavesOut },
    windowStartOffset: hours(draft.windowStart),
    windowEndOffset: hours(draft.windowEnd),
    winsorUpperPercentile: winsorUpper,
    winsorLowerPercentile: winsorLower,
    ...(draft.conditions === null
      ? {}
      : { filters: ofEvents ? filterOf(draft.conditions, draft.conditionsJoin) : null }),
    denominator:
      draft.shape === 'ratio'
        ? { eventName: draft.bottomEventKey, isNumeric: draft.bottomIsNumeric, unitAggregationType: 'sum' }
        : null,
  };
}

/** The body that creates the metric. */
export function postOf(draft: Draft): MetricPost {
  const kind = draft.shape === 'click' || draft.shape === 'pageview' ? draft.shape : 'custom';
  const said = Object.entries(membersOf(draft)).filter(([, value]) => value !== null);
  return { key: draft.key, kind, ...Object.fromEntries(said) };
}

/** A draft that says what a metric says; null for one that is measured elsewhere. */
export function draftOf(metric: Metric): Draft | null {
  const shape = shapeOf(metric);
  if (!shape) return null;
  const known = conditionsOf(metric.filters);
  return {
    ...NEW_DRAFT,
    shape,
    name: metric.name,
    key: metric.key,
    description: metric.description ?? '',
    tags: metric.tags,
    eventKey: metric.eventKey ?? '',
    selector: metric.selector ?? '',
    pages: (metric.urls ?? []).map((url, place) => ({
      id: place + 1,
      kind: url.kind as UrlKind,
      text: url.url ?? url.substring ?? url.pattern ?? '',
    })),
    countsTimes: metric.unitAggregationType === 'sum',
    unit: metric.unit ?? '',
    higherIsBetter: metric.successCriteria !== 'LowerThanBaseline',
    analysisUnits: metric.analysisUnits,
    leavesOutAbsent: metric.eventDefault?.disabled ?? false,
    percentile: metric.analysisType === 'percentile' ? (metric.percentileValue ?? null) : null,
    topIsNumeric: metric.isNumeric ?? false,
    bottomEventKey: metric.denominator?.eventName ?? '',
    bottomIsNumeric: metric.denominator?.isNumeric ?? false,
    windowStart: metric.windowStartOffset ? metric.windowStartOffset / HOUR_MS : null,
    windowEnd: metric.windowEndOffset ? metric.windowEndOffset / HOUR_MS : null,
    winsorUpper: metric.winsorUpperPercentile ?? null,
    winsorLower: metric.winsorLowerPercentile ?? null,
    conditions: known?.conditions ?? null,
    conditionsJoin: known?.join ?? 'and',
  };
}

function addsUp({ shape, countsTimes }: Draft): boolean {
  if (shape === 'click' || shape === 'pageview') return countsTimes;
  return shape === 'count' || shape === 'total' || shape === 'ratio';
}

function urlOf({ kind, text }: PageMatcher): Schema<'UrlMatcher'> {
  if (kind === 'regex') return { kind, pattern: text };
  return kind === 'substring' ? { kind, substring: text } : { kind, url: text };
}

function hours(value: number | null): number | null {
  return value === null ? null : Math.round(value * HOUR_MS);
}
