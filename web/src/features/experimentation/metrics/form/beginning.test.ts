import { expect, test } from 'vitest';
import { afterwards, beginningOf, begun } from './beginning';

test('another page may say which event, which shape, and where to go afterwards', () => {
  const query = new URLSearchParams('eventKey=42&shape=total&then=/projects/web/test/experiments/new?flag=a');
  const beginning = beginningOf(Object.fromEntries(query));
  expect(begun(beginning)).toMatchObject({ eventKey: '42', shape: 'total' });
  expect(afterwards(beginning.then ?? '', 'revenue')).toBe('/projects/web/test/experiments/new?flag=a&metric=revenue');
});

test.each(['https://evil.example/', '//evil.example', '/\\evil.example', 7])('nobody is led elsewhere: %s', (then) => {
  expect(beginningOf(Object.fromEntries([['then', then]])).then).toBeUndefined();
});
