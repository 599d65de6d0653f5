// Going back: the state that a flag had before a change, and the patch that leads there from the present one.
import { canonical } from '../values';

type Body = Record<string, unknown>;

export interface Operation {
  op: 'test' | 'replace' | 'remove' | 'add';
  path: string;
  value?: unknown;
}

/** A change as the audit log tells it whole: of the environments, only those that differ are told. */
export interface Told {
  previousVersion?: Body;
}

const OWN = [
  'name',
  'description',
  'variations',
  'defaults',
  'temporary',
  'tags',
  'maintainerId',
  'maintainerTeamKey',
  'customProperties',
  'clientSideAvailability',
  'archived',
  'deprecated',
];
const THERE = [
  'on',
  'targets',
  'contextTargets',
  'rules',
  'fallthrough',
  'offVariation',
  'prerequisites',
  'trackEvents',
  'trackEventsFallthrough',
];

/**
 * A flag's members before the oldest of some changes, given newest first and without gaps up to now. Environments that
 * none of them touched are as they are now, and are left out.
 */
export function stateBefore(changes: readonly Told[]): Body {
  const environments: Body = {};
  for (const { previousVersion } of changes) {
    Object.assign(environments, (previousVersion?.environments as Body | undefined) ?? {});
  }
  const { environments: _, ...own } = changes.at(-1)?.previousVersion ?? {};
  return { ...pick(own, OWN), environments: mapped(environments, (config) => pick(config as Body, THERE)) };
}

/** The same members of the flag as it is now, for comparison. */
export function stateNow(flag: Body, like: Body): Body {
  const wanted = Object.keys(like.environments as Body);
  const there = Object.fromEntries(
    wanted.map((key) => [key, pick(((flag.environments as Body)[key] ?? {}) as Body, THERE)]),
  );
  return { ...pick(flag, OWN), environments: there };
}

/** The patch from one state to the other; it fails if the flag has moved on since `version`. */
export function patchBetween(now: Body, then: Body, version: number): Operation[] {
  const steps = [
    ...stepsAt('', now, then, OWN),
    ...Object.keys(then.environments as Body).flatMap((key) =>
      stepsAt(`/environments/${escaped(key)}`, at(now, key), at(then, key), THERE),
    ),
  ];
  return steps.length === 0 ? [] : [{ op: 'test', path: '/_version', value: version }, ...steps];
}

function stepsAt(path: string, now: Body, then: Body, members: readonly string[]): Operation[] {
  return members.flatMap((member): Operation[] => {
    const place = `${path}/${member}`;
    if (canonical(now[member] ?? null) === canonical(then[member] ?? null)) return [];
    if (then[member] === undefined) return [{ op: 'remove', path: place }];
    return [{ op: now[member] === undefined ? 'add' : 'replace', path: place, value: then[member] }];
  });
}

function at(state: Body, environmentKey: string): Body {
  return ((state.environments as Body)[environmentKey] ?? {}) as Body;
}

function pick(body: Body, members: readonly string[]): Body {
  return Object.fromEntries(members.filter((each) => body[each] !== undefined).map((each) => [each, body[each]]));
}

function mapped(body: Body, change: (value: unknown) => unknown): Body {
  return Object.fromEntries(Object.entries(body).map(([key, value]) => [key, change(value)]));
}

function escaped(name: string): string {
  return name.replace(/~/g, '~0').replace(/\//g, '~1');
}
