import { expect, test } from 'vitest';
import { type Change, changesBetween, type Names } from './changes';
import { type Clause, type Draft, isNew, newId, type Rule, type Serve } from './draft';
import { BLUE, clause, draft, nameOf, OFF, ON, rule } from './world';

const names: Names = {
  variation: nameOf,
  prerequisiteVariation: ({ variation }) => `variation ${variation}`,
  prerequisiteVariationId: ({ key, variation }) => `${key}/${variation}`,
};

const EDITS: [story: string, after: Draft, kinds: string[]][] = [
  ['nothing', draft(), []],
  ['the switch', draft({ on: false }), ['turnFlagOff']],
  ['the off variation', draft({ offVariationId: ON }), ['updateOffVariation']],
  [
    'prerequisites',
    draft({
      prerequisites: [
        { key: 'login', variation: 1 },
        { key: 'search', variation: 0 },
      ],
    }),
    ['updatePrerequisite', 'addPrerequisite'],
  ],
  ['no prerequisite', draft({ prerequisites: [] }), ['removePrerequisite']],
  [
    'a key that moves to another variation',
    draft({
      targets: [
        { contextKind: 'user', variationId: ON, keys: ['bob'] },
        { contextKind: 'user', variationId: OFF, keys: ['ada'] },
        { contextKind: 'company', variationId: OFF, keys: ['acme'] },
      ],
    }),
    ['removeTargets', 'addTargets'],
  ],
  [
    'a default rollout',
    draft({
      fallthrough: {
        is: 'rollout',
        rollout: { weights: { [ON]: 20_000, [OFF]: 80_000 }, contextKind: 'company', bucketBy: 'region' },
      },
    }),
    ['updateFallthroughVariationOrRollout'],
  ],
  ['another order', draft({ rules: ['r3', 'r1', 'r2'].map(known) }), ['reorderRules']],
  [
    'rules removed, moved, and added at both ends and in the middle',
    draft({ rules: [fresh('first'), known('r3'), fresh('second'), fresh('third'), known('r1'), fresh('last')] }),
    ['removeRule', 'reorderRules', 'addRule', 'addRule', 'addRule', 'addRule'],
  ],
  [
    'what a rule is called and serves',
    draft({
      rules: [
        { ...known('r1'), description: 'Staff', serve: { is: 'variation', variationId: BLUE } },
        known('r2'),
        known('r3'),
      ],
    }),
    ['updateRuleDescription', 'updateRuleVariationOrRollout'],
  ],
  [
    'values of a clause',
    draft({ rules: [known('r1'), withClauses('r2', [{ ...country(), values: ['FR', 'DE'] }]), known('r3')] }),
    ['addValuesToClause', 'removeValuesFromClause'],
  ],
  [
    'clauses replaced, added and removed',
    draft({
      rules: [
        withClauses('r1', [
          clause({ id: 'r1-c1', negate: true }),
          clause({ id: newId(), attribute: 'plan', op: 'in' }),
        ]),
        withClauses('r2', [clause({ id: newId() })]),
        known('r3'),
      ],
    }),
    ['updateClause', 'addClauses', 'addClauses', 'removeClauses'],
  ],
];

test.each(EDITS)('carrying out the instructions for %s gives what was drafted', (_story, after, kinds) => {
  const changes = changesBetween(draft(), after, names);
  expect(changes.map(({ instruction }) => instruction.kind)).toEqual(kinds);
  expect(plain(changes.reduce(carriedOut, draft()))).toEqual(plain(after));
});

test('every change says in words what it does, and which action it needs', () => {
  const after = draft({
    on: false,
    rules: [fresh('Staff'), known('r2')],
    fallthrough: {
      is: 'rollout',
      rollout: { weights: { [ON]: 12_500, [OFF]: 87_500 }, contextKind: 'user', bucketBy: '' },
    },
  });
  expect(changesBetween(draft(), after, names).map(({ action, words }) => [action, words])).toEqual([
    ['updateOn', 'Turn targeting off'],
    ['updateRules', 'Remove rule 1: If user email ends with “@corp.com”, serve on'],
    ['updateRules', 'Remove rule 3: If user email ends with “@corp.com”, serve on'],
    ['updateRules', 'Add a rule “Staff”: If user email ends with “@corp.com”, serve on'],
    ['updateFallthrough', 'By default, serve 12.5% on, 87.5% off instead of off'],
  ]);
});

test('a clause on segments is sent without kind and attribute', () => {
  const segments = clause({ id: newId(), op: 'segmentMatch', values: ['beta'], attribute: 'left over' });
  const [change] = changesBetween(
    draft(),
    draft({ rules: [...draft().rules, { ...fresh('x'), clauses: [segments] }] }),
    names,
  );
  expect(change?.instruction.clauses).toEqual([{ attribute: '', op: 'segmentMatch', values: ['beta'], negate: false }]);
});

function known(id: string): Rule {
  const found = draft().rules.find((each) => each.id === id);
  if (!found) throw new Error(id);
  return found;
}

function fresh(description: string): Rule {
  return rule(newId(), { description });
}

function withClauses(id: string, clauses: Clause[]): Rule {
  return { ...known(id), clauses };
}

function country(): Clause {
  return clause({ id: 'r2-c1', attribute: 'country', op: 'in', values: ['IT', 'FR'] });
}

/** What remains when names of our own making are taken away: rules and clauses by content. */
function plain(of: Draft) {
  const withoutNew = (id: string) => (isNew(id) ? 'new' : id);
  return {
    ...of,
    rules: of.rules.map((each) => ({
      ...each,
      id: withoutNew(each.id),
      clauses: each.clauses.map((one) => ({ ...one, id: withoutNew(one.id) })),
    })),
    targets: of.targets
      .filter(({ keys }) => keys.length > 0)
      .sort((one, other) =>
        `${one.contextKind}${one.variationId}`.localeCompare(`${other.contextKind}${other.variationId}`),
      ),
    prerequisites: of.prerequisites.map(({ key, variation }) => ({ key, variation })),
  };
}

/** All that an instruction may say. */
interface Said {
  kind: string;
  key: string;
  contextKind: string;
  variationId: string;
  values: string[];
  ruleId: string;
  ruleIds: string[];
  beforeRuleId?: string;
  description: string;
  clauseId: string;
  clauseIds: string[];
  clause: Clause;
  clauses: Clause[];
  rolloutWeights: Record<string, number>;
  rolloutContextKind: string;
  rolloutBucketBy?: string;
}

/** The server's side of an instruction, in the few words that these tests need. */
function carriedOut(on: Draft, { instruction }: Change): Draft {
  const said = instruction as unknown as Said;
  const edit = (change: (found: Rule) => Rule) => ({
    ...on,
    rules: on.rules.map((each) => (each.id === said.ruleId ? change(each) : each)),
  });
  const editClause = (change: (found: Clause) => Clause) =>
    edit((found) => ({
      ...found,
      clauses: found.clauses.map((each) => (each.id === said.clauseId ? change(each) : each)),
    }));
  const identified = (clauses: Clause[]) => clauses.map((each) => ({ ...each, id: newId() }));
  const targets = (change: (keys: string[]) => string[]) => {
    const found = on.targets.find(
      (each) => each.contextKind === said.contextKind && each.variationId === said.variationId,
    );
    const list = found ?? { contextKind: said.contextKind, variationId: said.variationId, keys: [] };
    return { ...on, targets: [...on.targets.filter((each) => each !== found), { ...list, keys: change(list.keys) }] };
  };
  const acts: Record<string, () => Draft> = {
    turnFlagOff: () => ({ ...on, on: false }),
    updateOffVariation: () => ({ ...on, offVariationId: said.variationId }),
    updateFallthroughVariationOrRollout: () => ({ ...on, fallthrough: serve(said) }),
    removePrerequisite: () => ({ ...on, prerequisites: on.prerequisites.filter(({ key }) => key !== said.key) }),
    addPrerequisite: () => ({ ...on, prerequisites: [...on.prerequisites, prerequisite(said)] }),
    updatePrerequisite: () => ({
      ...on,
      prerequisites: on.prerequisites.map((each) => (each.key === said.key ? prerequisite(said) : each)),
    }),
    addTargets: () => targets((keys) => [...keys, ...said.values]),
    removeTargets: () => targets((keys) => keys.filter((key) => !said.values.includes(key))),
    removeRule: () => ({ ...on, rules: on.rules.filter(({ id }) => id !== said.ruleId) }),
    reorderRules: () => {
      expect([...said.ruleIds].sort()).toEqual(on.rules.map(({ id }) => id).sort());
      return { ...on, rules: said.ruleIds.flatMap((id) => on.rules.filter((each) => each.id === id)) };
    },
    addRule: () => {
      const made = {
        id: newId(),
        description: said.description ?? '',
        clauses: identified(said.clauses),
        serve: serve(said),
      };
      const at = said.beforeRuleId ? on.rules.findIndex(({ id }) => id === said.beforeRuleId) : on.rules.length;
      return { ...on, rules: [...on.rules.slice(0, at), made, ...on.rules.slice(at)] };
    },
    updateRuleDescription: () => edit((found) => ({ ...found, description: said.description })),
    updateRuleVariationOrRollout: () => edit((found) => ({ ...found, serve: serve(said) })),
    addClauses: () => edit((found) => ({ ...found, clauses: [...found.clauses, ...identified(said.clauses)] })),
    removeClauses: () =>
      edit((found) => ({
        ...found,
        clauses: found.clauses.filter(({ id }) => !said.clauseIds.includes(id)),
      })),
    updateClause: () => editClause(({ id }) => ({ ...said.clause, id })),
    addValuesToClause: () => editClause((found) => ({ ...found, values: [...found.values, ...said.values] })),
    removeValuesFromClause: () =>
      editClause((found) => ({
        ...found,
        values: found.values.filter((value) => !(said.values as unknown[]).includes(value)),
      })),
  };
  const act = acts[said.kind];
  if (!act) throw new Error(`nobody carries out ${said.kind}`);
  return act();
}

function serve(said: Said): Serve {
  if (said.variationId) return { is: 'variation', variationId: said.variationId };
  return {
    is: 'rollout',
    rollout: {
      weights: said.rolloutWeights,
      contextKind: said.rolloutContextKind,
      bucketBy: said.rolloutBucketBy ?? '',
    },
  };
}

function prerequisite(said: Said) {
  return { key: said.key, variation: Number(said.variationId.split('/')[1]) };
}
