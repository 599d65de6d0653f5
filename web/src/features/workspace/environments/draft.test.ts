import { expect, test } from 'vitest';
import type { Environment } from '@/lib/workspace';
import { draftFault, draftOf, NEW_DRAFT, patchOf, postOf } from './draft';

const PRODUCTION = {
  key: 'production',
  name: 'Production',
  color: '417505',
  critical: true,
  requireComments: false,
  confirmChanges: false,
  secureMode: false,
  defaultTrackEvents: false,
  defaultTtl: 0,
  tags: ['eu'],
} as unknown as Environment;

test('saving what is there already changes nothing', () => {
  expect(patchOf(PRODUCTION, draftOf(PRODUCTION))).toEqual([]);
});

test('only what differs is sent', () => {
  const draft = { ...draftOf(PRODUCTION), name: ' Live ', color: '#FF0000', tags: ['eu', 'us'] };
  expect(patchOf(PRODUCTION, draft)).toEqual([
    { op: 'replace', path: '/name', value: 'Live' },
    { op: 'replace', path: '/tags', value: ['eu', 'us'] },
    { op: 'replace', path: '/color', value: 'FF0000' },
  ]);
});

test('a copy names its source, and colours go without their sign', () => {
  const post = postOf({ ...NEW_DRAFT, name: 'Staging' }, 'staging', 'production');
  expect(post).toMatchObject({ key: 'staging', color: '2f7de1', source: { key: 'production' } });
  expect(postOf(NEW_DRAFT, 'x')).not.toHaveProperty('source');
});

test.each([
  [{ name: ' ' }, 'Give it a name.'],
  [{ color: '#12' }, 'Write the colour as # and six hexadecimal digits.'],
  [{ defaultTtl: 61 }, 'The TTL is a whole number of minutes from 0 to 60.'],
  [{ defaultTtl: Number.NaN }, 'The TTL is a whole number of minutes from 0 to 60.'],
  [{}, undefined],
])('%o: %s', (change, fault) => {
  expect(draftFault({ ...draftOf(PRODUCTION), ...change })).toBe(fault);
});
