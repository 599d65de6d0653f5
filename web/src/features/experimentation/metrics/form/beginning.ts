// What a new metric begins with, where another page leads here.
import { textOf } from '@/lib/search';
import { type Draft, NEW_DRAFT } from '../draft/draft';
import { SHAPES, type Shape } from '../draft/shapes';

export interface Beginning {
  eventKey?: string;
  shape?: Shape;
  /** Where to go when the metric is there; its key goes along as `metric`. */
  then?: string;
}

export function beginningOf(search: Record<string, unknown>): Beginning {
  const { eventKey, shape, then } = search;
  return {
    eventKey: textOf(eventKey),
    shape: SHAPES.find((each) => each === shape),
    // biome-ignore lint/suspicious/noThenProperty: the word that the URL has; a text cannot be taken for a promise
    then: typeof then === 'string' && /^\/(?![/\\])/.test(then) ? then : undefined,
  };
}

export function begun({ eventKey = '', shape = 'conversion' }: Beginning): Draft {
  return { ...NEW_DRAFT, shape, eventKey };
}

/** The address to go to when the metric is there. */
export function afterwards(then: string, metricKey: string): string {
  const [path = '', query = ''] = then.split('?');
  const search = new URLSearchParams(query);
  search.set('metric', metricKey);
  return `${path}?${search}`;
}
