import { describe, expect, it } from 'vitest';
import { effectOf, refusalOf } from './editing';
import { allOf, presentOf, stateOf } from './standing';
import { flagProblem, ruleProblem, rulesOf, runningOn } from './usability';

const draft = { _id: 'd', status: 'not_started' };
const running = { _id: 'r', status: 'running', startedAt: 2 };
const stopped = { _id: 's', status: 'stopped', startedAt: 1 };
// biome-ignore lint/suspicious/noExplicitAny: only what these functions look at
const experiment = (more: object): any => ({ key: 'x', ...more });

describe('how an experiment stands', () => {
  it('follows from its iterations', () => {
    expect(stateOf(experiment({ draftIteration: draft }))).toBe('not_started');
    expect(stateOf(experiment({ currentIteration: running, draftIteration: draft }))).toBe('running');
    expect(stateOf(experiment({ currentIteration: stopped }))).toBe('stopped');
    expect(stateOf(experiment({ currentIteration: stopped, draftIteration: draft }))).toBe('not_started');
    expect(stateOf(experiment({ currentIteration: stopped, archivedDate: 5 }))).toBe('archived');
  });

  it('tells which iteration is meant, and all of them newest first', () => {
    const older = { ...stopped, _id: 'o' };
    const all = experiment({ currentIteration: stopped, draftIteration: draft, previousIterations: [older, stopped] });
    expect(presentOf(all)?._id).toBe('d');
    expect(allOf(all).map((each) => each._id)).toEqual(['d', 's', 's', 'o']);
    expect(presentOf(experiment({ currentIteration: running, draftIteration: draft }))?._id).toBe('r');
  });

  it('decides what an edit amounts to', () => {
    const isRunning = experiment({ currentIteration: running });
    expect(effectOf(isRunning, 'metrics')).toBe('added');
    expect(effectOf(isRunning, 'treatments')).toBe('new iteration');
    expect(effectOf(experiment({ draftIteration: draft }), 'treatments')).toBe('in place');
    expect(effectOf(experiment({ currentIteration: stopped }), 'method')).toBe('next draft');
    expect(refusalOf(experiment({ archivedDate: 1 }))).toContain('restore it first');
    expect(refusalOf(isRunning)).toBeUndefined();
  });
});

describe('a flag to be tested', () => {
  const rules = [
    { _id: 'a', description: 'Testers', clauses: [] },
    { _id: 'b', clauses: [], disabled: true },
    { _id: 'c', clauses: [], rollout: { variations: [], experimentAllocation: { type: 'measuredRollout' } } },
  ];
  // biome-ignore lint/suspicious/noExplicitAny: only what these functions look at
  const flag = (more: object = {}): any => ({
    key: 'button',
    variations: [{}, {}],
    environments: { test: { on: true, rules, fallthrough: { variation: 0 } } },
    ...more,
  });

  it('says why it cannot be', () => {
    expect(flagProblem(flag())).toBeUndefined();
    expect(flagProblem(flag({ archived: true }))).toContain('archived');
    expect(flagProblem(flag({ _purpose: 'migration' }))).toContain('migration flag');
    expect(flagProblem(flag({ variations: [{}] }))).toContain('only one variation');
  });

  it('says which of its rules cannot be', () => {
    expect(rulesOf(flag(), 'test').map((each) => each.id)).toEqual(['fallthrough', 'a', 'b', 'c']);
    expect(rulesOf(flag(), 'test')[1]?.name).toBe('Rule 1 (“Testers”)');
    const problems = ['fallthrough', 'a', 'b', 'c', 'gone'].map((id) => ruleProblem(flag(), 'test', id));
    expect(problems.map(Boolean)).toEqual([false, false, true, true, true]);
    expect(ruleProblem(flag(), 'elsewhere', 'a')).toBeUndefined();
  });

  it('knows the experiment that runs on it', () => {
    // biome-ignore lint/suspicious/noExplicitAny: only what these functions look at
    const all: any[] = [
      { key: 'one', flagKey: 'button', status: 'stopped' },
      { key: 'two', flagKey: 'button', status: 'running' },
    ];
    expect(runningOn('button', all)?.key).toBe('two');
    expect(runningOn('button', all, 'two')).toBeUndefined();
  });
});
