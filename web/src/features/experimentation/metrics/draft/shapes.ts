// What can be measured, as questions a person would ask; each stands for a few members of a metric.
import type { Schema } from '@/lib/api/client';

export type MetricBody = Pick<
  Schema<'MetricListingRep'>,
  'kind' | 'isNumeric' | 'unitAggregationType' | 'analysisType' | 'percentileValue' | 'denominator'
>;

export const SHAPES = ['conversion', 'count', 'total', 'average', 'ratio', 'click', 'pageview'] as const;
export type Shape = (typeof SHAPES)[number];

interface Words {
  name: string;
  question: string;
  example: string;
}

export const SHAPE_WORDS: Record<Shape, Words> = {
  conversion: { name: 'Conversion', question: 'Did it happen at all?', example: 'Share of users who sign up' },
  count: { name: 'Count', question: 'How many times did it happen?', example: 'Searches per user' },
  total: { name: 'Total', question: 'How much does it add up to?', example: 'Revenue per user' },
  average: { name: 'Average or percentile', question: 'How large is it?', example: 'Page load time' },
  ratio: { name: 'Ratio', question: 'How much of one per other?', example: 'Revenue per order' },
  click: { name: 'Clicks', question: 'Is something on a page clicked?', example: 'Share of users who click “Buy”' },
  pageview: { name: 'Page views', question: 'Is a page visited?', example: 'Share of users who reach “Thank you”' },
};

/** The shape that a metric has; null for one that is measured elsewhere. */
export function shapeOf(metric: MetricBody): Shape | null {
  if (metric.kind === 'trace' || metric.unitAggregationType === 'count_distinct') return null;
  if (metric.kind === 'click' || metric.kind === 'pageview') return metric.kind;
  if (metric.denominator) return 'ratio';
  if (metric.isNumeric) return metric.unitAggregationType === 'sum' ? 'total' : 'average';
  return metric.unitAggregationType === 'sum' ? 'count' : 'conversion';
}

/** A metric's shape in a word or two, for lists. */
export function shapeName(metric: MetricBody): string {
  const shape = shapeOf(metric);
  if (!shape) return metric.kind === 'trace' ? 'Traces' : 'Distinct count';
  if (shape === 'average' || shape === 'total' || shape === 'count') {
    if (metric.analysisType === 'percentile') return `${ordinal(metric.percentileValue ?? 0)} percentile`;
    return shape === 'average' ? 'Average' : SHAPE_WORDS[shape].name;
  }
  return SHAPE_WORDS[shape].name;
}

/** 95th, 1st, 22nd */
export function ordinal(value: number): string {
  const tens = Math.abs(value) % 100;
  const ending = tens > 10 && tens < 14 ? 'th' : (['th', 'st', 'nd', 'rd'][Math.abs(value) % 10] ?? 'th');
  return `${value}${ending}`;
}
