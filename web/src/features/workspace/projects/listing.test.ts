import { expect, test } from 'vitest';
import type { Project } from '@/lib/workspace';
import { chosen, environmentCount } from './listing';

const project = (key: string, name: string, tags: string[] = [], more: object = {}) =>
  ({ key, name, tags, ...more }) as unknown as Project;
const PROJECTS = [project('web', 'Web shop'), project('ios-10', 'App 10', ['mobile']), project('ios-9', 'App 9')];
const keys = (found: Project[]) => found.map((each) => each.key);

test('projects are found by name, key or tag', () => {
  expect(keys(chosen(PROJECTS, 'SHOP'))).toEqual(['web']);
  expect(keys(chosen(PROJECTS, ' ios-9 '))).toEqual(['ios-9']);
  expect(keys(chosen(PROJECTS, 'mobile'))).toEqual(['ios-10']);
  expect(chosen(PROJECTS, 'nothing like it')).toEqual([]);
});

test('projects are sorted as people count', () => {
  expect(keys(chosen(PROJECTS))).toEqual(['ios-9', 'ios-10', 'web']);
  expect(keys(chosen(PROJECTS, '', '-key'))).toEqual(['web', 'ios-10', 'ios-9']);
});

test('environments are counted however they are told', () => {
  expect(environmentCount(project('a', 'A', [], { environments: [{}, {}] }))).toBe(2);
  expect(environmentCount(project('a', 'A', [], { environments: { totalCount: 3, items: [] } }))).toBe(3);
  expect(environmentCount(project('a', 'A'))).toBeUndefined();
});
