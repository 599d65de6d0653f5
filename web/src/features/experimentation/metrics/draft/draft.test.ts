import { describe, expect, it } from 'vitest';
import { patchOf } from './changes';
import { typedValues } from './conditions';
import { type Draft, draftOf, NEW_DRAFT, postOf } from './draft';
import { shapeName, shapeOf } from './shapes';

const draft = (more: Partial<Draft>): Draft => ({
  ...NEW_DRAFT,
  name: 'Revenue',
  key: 'revenue',
  eventKey: 'paid',
  ...more,
});
/** A metric as the server answers it, from what was posted. */
const answered = (more: object) =>
  ({
    key: 'revenue',
    kind: 'custom',
    name: 'Revenue',
    tags: [],
    eventKey: 'paid',
    isNumeric: false,
    analysisUnits: ['user'],
    unitAggregationType: 'average',
    analysisType: 'mean',
    eventDefault: { disabled: false, value: 0 },
    successCriteria: 'HigherThanBaseline',
    dataSource: { key: 'launchdarkly' },
    ...more,
  }) as unknown as Parameters<typeof draftOf>[0];

describe('a draft becomes the body that means it', () => {
  it.each([
    ['conversion', {}, { isNumeric: false, unitAggregationType: 'average' }],
    ['count', {}, { isNumeric: false, unitAggregationType: 'sum' }],
    ['total', { unit: 'EUR' }, { isNumeric: true, unitAggregationType: 'sum', unit: 'EUR' }],
    ['average', { unit: 'ms', higherIsBetter: false }, { isNumeric: true, successCriteria: 'LowerThanBaseline' }],
    [
      'ratio',
      { unit: 'EUR', bottomEventKey: 'order' },
      { denominator: { eventName: 'order', isNumeric: false, unitAggregationType: 'sum' } },
    ],
  ] as const)('%s', (shape, more, expected) => {
    const post = postOf(draft({ shape, ...more }));
    expect(post).toMatchObject({ key: 'revenue', kind: 'custom', eventKey: 'paid', ...expected });
    expect(post).not.toHaveProperty('selector');
    expect(shapeOf(answered(post))).toBe(shape);
  });

  it('clicks and page views name pages, and no event', () => {
    const pages = [
      { id: 1, kind: 'regex', text: '/item/\\d+' },
      { id: 2, kind: 'exact', text: 'https://shop.example/' },
      { id: 3, kind: 'substring', text: '/cart' },
    ] as Draft['pages'];
    const post = postOf(draft({ shape: 'click', selector: ' .buy ', pages, countsTimes: true }));
    expect(post).toMatchObject({
      kind: 'click',
      selector: '.buy',
      unitAggregationType: 'sum',
      urls: [
        { kind: 'regex', pattern: '/item/\\d+' },
        { kind: 'exact', url: 'https://shop.example/' },
        { kind: 'substring', substring: '/cart' },
      ],
    });
    expect(post).not.toHaveProperty('eventKey');
    expect(post).not.toHaveProperty('successCriteria');
  });

  it('percentiles leave out who has no event, and cap nothing', () => {
    const post = postOf(draft({ shape: 'average', unit: 'ms', percentile: 95, winsorUpper: 99 }));
    expect(post).toMatchObject({ analysisType: 'percentile', percentileValue: 95, eventDefault: { disabled: true } });
    expect(post).not.toHaveProperty('winsorUpperPercentile');
  });

  it('what a shape cannot have is dropped when the shape changes', () => {
    const post = postOf(draft({ shape: 'conversion', unit: 'EUR', percentile: 95, leavesOutAbsent: true }));
    expect(post).toMatchObject({ analysisType: 'mean', eventDefault: { disabled: false } });
    expect(post).not.toHaveProperty('unit');
  });

  it('windows are hours here and milliseconds there', () => {
    expect(postOf(draft({ windowStart: 1, windowEnd: 24 * 7 }))).toMatchObject({
      windowStartOffset: 3_600_000,
      windowEndOffset: 604_800_000,
    });
  });
});

describe('a metric is edited', () => {
  it('untouched, it does not change', () => {
    const metric = answered({ isNumeric: true, unit: 'EUR', unitAggregationType: 'sum', winsorUpperPercentile: 99 });
    expect(patchOf(metric, draftOf(metric) as Draft)).toEqual([]);
  });

  it('only what was touched is patched', () => {
    const metric = answered({ isNumeric: true, unit: 'EUR', unitAggregationType: 'sum', description: 'old' });
    const changed = { ...(draftOf(metric) as Draft), name: 'Income', description: '', winsorUpper: 99 };
    expect(patchOf(metric, changed)).toEqual([
      { op: 'replace', path: '/name', value: 'Income' },
      { op: 'remove', path: '/description' },
      { op: 'add', path: '/winsorUpperPercentile', value: 99 },
    ]);
  });

  it('parts of a denominator that are not shown stay', () => {
    const denominator = { eventName: 'order', isNumeric: false, unitAggregationType: 'sum', windowEndOffset: 5 };
    const metric = answered({ isNumeric: true, unit: 'EUR', unitAggregationType: 'sum', denominator });
    const changed = { ...(draftOf(metric) as Draft), bottomEventKey: 'visit' };
    expect(patchOf(metric, changed)).toEqual([
      { op: 'replace', path: '/denominator', value: { ...denominator, eventName: 'visit' } },
    ]);
  });

  it('a filter that is no plain list is left alone', () => {
    const inner = { type: 'group', op: 'or', negate: false, values: [] };
    const metric = answered({ filters: { type: 'group', op: 'and', negate: false, values: [inner] } });
    const known = draftOf(metric) as Draft;
    expect(known.conditions).toBeNull();
    expect(patchOf(metric, { ...known, name: 'New' })).toEqual([{ op: 'replace', path: '/name', value: 'New' }]);
  });

  it('conditions read back as they were written', () => {
    const conditions = [
      {
        id: 1,
        source: 'eventProperty',
        attribute: 'currency',
        op: 'in',
        values: 'EUR, USD',
        negate: false,
        contextKind: 'user',
      },
      {
        id: 2,
        source: 'contextAttribute',
        attribute: 'size',
        op: 'in',
        values: '5, "5", true',
        negate: true,
        contextKind: 'org',
      },
    ] as Draft['conditions'];
    const post = postOf(draft({ conditions, conditionsJoin: 'or' }));
    expect(post.filters).toMatchObject({
      op: 'or',
      values: [{ values: ['EUR', 'USD'] }, { values: [5, '5', true], contextKind: 'org' }],
    });
    const back = draftOf(answered({ filters: post.filters }));
    expect([back?.conditions, back?.conditionsJoin]).toEqual([conditions, 'or']);
  });
});

it('typed values are what they look like', () => {
  expect(typedValues('a, 1.5 ,-2,"3",false,, x y')).toEqual(['a', 1.5, -2, '3', false, 'x y']);
});

it('a list names each shape in a word', () => {
  expect(shapeName(answered({ isNumeric: true, analysisType: 'percentile', percentileValue: 95 }))).toBe(
    '95th percentile',
  );
  expect(shapeName(answered({ kind: 'trace' }))).toBe('Traces');
  expect(shapeName(answered({ isNumeric: true }))).toBe('Average');
  expect(shapeName(answered({}))).toBe('Conversion');
});
