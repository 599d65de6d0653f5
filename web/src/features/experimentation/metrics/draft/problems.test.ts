import { expect, test } from 'vitest';
import { type Draft, NEW_DRAFT } from './draft';
import { pageProblem, problemsOf } from './problems';

const whole: Draft = { ...NEW_DRAFT, name: 'Revenue', key: 'revenue', eventKey: 'paid', unit: 'EUR' };
const problems = (more: Partial<Draft>, isSelector = true) => problemsOf({ ...whole, ...more }, () => isSelector);

test('a whole draft has no problems', () => {
  for (const shape of ['conversion', 'count', 'total', 'average'] as const) expect(problems({ shape })).toEqual({});
  expect(problems({ shape: 'ratio', bottomEventKey: 'order' })).toEqual({});
  expect(problems({ shape: 'click', selector: '.a', pages: [{ id: 1, kind: 'substring', text: '/' }] })).toEqual({});
});

test.each<[string, Partial<Draft>]>([
  ['name', { name: ' ' }],
  ['key', { key: '' }],
  ['key', { key: 'a b' }],
  ['eventKey', { eventKey: '' }],
  ['eventKey', { eventKey: 'paid ' }],
  ['unit', { shape: 'total', unit: ' ' }],
  ['analysisUnits', { analysisUnits: [] }],
  ['analysisUnits', { analysisUnits: ['user', 'a b'] }],
  ['bottomEventKey', { shape: 'ratio' }],
  ['pages', { shape: 'pageview', pages: [] }],
  ['page 4', { shape: 'pageview', pages: [{ id: 4, kind: 'regex', text: '(' }] }],
  ['percentile', { shape: 'average', percentile: 101 }],
  ['windowStart', { windowStart: -1 }],
  ['windowEnd', { windowStart: 5, windowEnd: 5 }],
  ['winsorUpper', { shape: 'total', winsorUpper: 100 }],
  ['winsorUpper', { shape: 'total', winsorLower: 50, winsorUpper: 40 }],
  [
    'condition 1',
    {
      conditions: [
        {
          id: 1,
          source: 'eventProperty',
          attribute: 'a',
          op: 'matches',
          values: '(',
          negate: false,
          contextKind: 'user',
        },
      ],
    },
  ],
  [
    'condition 1',
    {
      conditions: [
        { id: 1, source: 'eventProperty', attribute: 'a', op: 'in', values: ' , ', negate: false, contextKind: 'user' },
      ],
    },
  ],
])('%s: %o', (field, more) => {
  expect(Object.keys(problems(more))).toEqual([field]);
});

test('a selector is whatever a browser takes for one', () => {
  const pages = [{ id: 1, kind: 'substring' as const, text: '/' }];
  expect(problems({ shape: 'click', selector: '..a', pages }, false)).toHaveProperty('selector');
});

test('pages say what is missing', () => {
  expect(pageProblem({ kind: 'exact', text: 'shop.example' })).toMatch('https://');
  expect(pageProblem({ kind: 'canonical', text: 'https://shop.example/?a=1' })).toMatch('not compared');
  expect(pageProblem({ kind: 'exact', text: 'https://shop.example/?a=1' })).toBeUndefined();
});
