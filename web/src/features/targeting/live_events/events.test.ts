import { expect, test } from 'vitest';
import { gist, type LiveEvent, origin, whom } from './events';

const event = (more: Partial<LiveEvent>): LiveEvent => ({
  seq: 1,
  id: '1',
  receivedAt: 0,
  kind: 'custom',
  fate: 'accepted',
  source: { door: 'server' },
  ...more,
});

test('an event says its number and its data', () => {
  expect(gist(event({ metricValue: 12.5, data: { plan: 'pro' } }))).toBe('12.5 · {"plan":"pro"}');
  expect(gist(event({ metricValue: 'much' as never }))).toBe('much');
  expect(gist(event({}))).toBe('');
});

test('an evaluation says what was served, why, and whether it counts', () => {
  const reason = { kind: 'RULE_MATCH', ruleIndex: 1 };
  const evaluations = [{ flag: 'checkout', variation: 0, value: 'new', reason, exposure: true }];
  expect(gist(event({ kind: 'feature', key: 'checkout', evaluations }))).toBe(
    'variation 0 = new · rule 2 · counts as an exposure',
  );
  expect(gist(event({ kind: 'feature', evaluations: [{ flag: 'a', value: false }] }))).toBe('the default = false');
});

test('a summary adds up each flag', () => {
  const evaluations = [
    { flag: 'a', count: 3 },
    { flag: 'a', count: 1200 },
    { flag: 'b' },
    { flag: 'c', count: 2 },
    { flag: 'd', count: 2 },
  ];
  expect(gist(event({ kind: 'summary', evaluations }))).toBe('a 1,203 times, b 1 time, c 2 times, and 1 other flag');
});

test('whom and where from', () => {
  const contexts = [
    { kind: 'user', key: 'ann' },
    { kind: 'org', key: 'acme' },
  ];
  expect(whom(event({ contexts }))).toBe('user ann, org acme');
  expect(origin({ door: 'client', sdk: 'JSClient/4.2.0', wrapper: 'react/1' })).toBe(
    'JSClient/4.2.0 (browser), react/1',
  );
  expect(origin({ door: 'import' })).toBe('import');
});
