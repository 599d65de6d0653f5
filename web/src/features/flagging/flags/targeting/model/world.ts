// A flag in the midst of its life, for the tests of what is edited here.
import type { Clause, Draft, Rule } from './draft';

export const ON = 'v-on';
export const OFF = 'v-off';
export const BLUE = 'v-blue';
export const nameOf = (id: string) => ({ [ON]: 'on', [OFF]: 'off', [BLUE]: 'blue' })[id] ?? 'a variation that is gone';

export function clause(more: Partial<Clause> = {}): Clause {
  return {
    id: 'c1',
    contextKind: 'user',
    attribute: 'email',
    op: 'endsWith',
    values: ['@corp.com'],
    negate: false,
    ...more,
  };
}

export function rule(id: string, more: Partial<Rule> = {}): Rule {
  return {
    id,
    description: '',
    clauses: [clause({ id: `${id}-c1` })],
    serve: { is: 'variation', variationId: ON },
    ...more,
  };
}

export function draft(more: Partial<Draft> = {}): Draft {
  return {
    on: true,
    prerequisites: [{ key: 'login', variation: 0 }],
    targets: [
      { contextKind: 'user', variationId: ON, keys: ['ada', 'bob'] },
      { contextKind: 'company', variationId: OFF, keys: ['acme'] },
    ],
    rules: [
      rule('r1'),
      rule('r2', { clauses: [clause({ id: 'r2-c1', attribute: 'country', op: 'in', values: ['IT', 'FR'] })] }),
      rule('r3'),
    ],
    fallthrough: { is: 'variation', variationId: OFF },
    offVariationId: OFF,
    ...more,
  };
}
