import { expect, test } from 'vitest';
import { filterOf, isEverything, type ListedMetric, listSearchOf, usedIn } from './listing';

test('only what makes sense survives in the URL', () => {
  const search = listSearchOf({ q: 12, kind: 'sound', used: 'maybe', sort: 'height', archived: 'yes', tag: '' });
  expect(search).toEqual({ q: '12' });
  expect(isEverything(listSearchOf({ kind: 'click' }))).toBe(false);
  expect(isEverything(listSearchOf({ sort: '-name' }))).toBe(true);
});

test('the server is asked in its own words, whatever is typed', () => {
  expect(filterOf({})).toBe('archived equals false');
  expect(filterOf({ q: 'a "b", c', kind: 'click', event: 'paid', tag: 't', used: 'no', archived: true })).toBe(
    'archived equals true,query contains "a \\"b\\", c",eventKind equals "click",eventKeys equals "paid",tags anyOf ["t"],hasConnections equals false',
  );
});

test('where a metric is used, in words', () => {
  const counts = (experimentCount: number, activeExperimentCount: number, metricGroupCount: number) =>
    usedIn({ experimentCount, activeExperimentCount, metricGroupCount } as ListedMetric);
  expect(counts(0, 0, 0)).toBe('');
  expect(counts(2, 1, 1)).toBe('2 experiments (1 running), 1 group');
  expect(counts(1, 0, 0)).toBe('1 experiment');
});
