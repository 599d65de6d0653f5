import { expect, test } from 'vitest';
import { filterOf, isEverything, kindsOf, streamUrl } from './filter';

test('only what makes sense survives in a filter', () => {
  const filter = filterOf({ kind: 'click,nonsense,custom', key: 42, q: ['x'], problems: 'yes', other: 1 });
  expect(filter).toEqual({ kind: 'custom,click', key: '42', q: undefined, problems: undefined });
  expect(kindsOf(filter)).toEqual(['custom', 'click']);
  expect(isEverything(filter)).toBe(false);
  expect(isEverything(filterOf({ kind: 'nonsense' }))).toBe(true);
});

test('the stream is asked for just that', () => {
  expect(streamUrl('web shop', 'test', {})).toBe('/internal/projects/web%20shop/environments/test/events');
  expect(streamUrl('web', 'test', { kind: 'custom', q: 'a&b', problems: true }, '12')).toBe(
    '/internal/projects/web/environments/test/events?kind=custom&q=a%26b&fate=rejected%2Cignored&after=12',
  );
});
