import { expect, test } from 'vitest';
import { addressOf, choices, chosen, limitsOf, limitsTold } from './limits';
import type { Role, Token } from './questions';

const ROLES = [{ _id: 'r1', key: 'release', name: 'Release manager' }] as unknown as Role[];
const token = (body: object) => ({ name: '', description: '', token: '1234', creationDate: 1, ...body }) as Token;

test('a choice goes to the API and comes back as the same words', () => {
  const custom = choices(ROLES)[1] as unknown as { items: { value: string; label: string }[] };
  const choice = custom.items[0]?.value as string;
  expect(limitsOf(choice)).toEqual({ customRoleIds: ['r1'] });
  expect(limitsTold(limitsOf(choice), ROLES)).toBe('Release manager');
  expect(limitsTold(limitsOf('writer'), ROLES)).toBe('Writer');
});

test('what limits a token is told, also where the role is gone', () => {
  expect(limitsTold({}, [])).toBe('Reader');
  expect(limitsTold({ customRoleIds: ['r2'] }, ROLES)).toBe('a custom role');
  expect(limitsTold(token({ inlineRole: [{}] }), ROLES)).toBe('A policy of its own');
});

test('personal tokens lie below their member, service tokens by themselves', () => {
  expect(addressOf({ _id: 't', memberId: 'm', serviceToken: false })).toBe('member/m:token/t');
  expect(addressOf({ _id: 't', memberId: 'm', serviceToken: true })).toBe('service-token/t');
});

test('tokens are found by owner and ending, and sorted by use', () => {
  const all = [
    token({ name: 'CI', lastUsed: 5, _member: { email: 'ada@example.com' } }),
    token({ name: 'Wall', token: 'beef' }),
    token({ name: 'Terraform', lastUsed: 9 }),
  ];
  expect(chosen(all, 'ADA').map((each) => each.name)).toEqual(['CI']);
  expect(chosen(all, 'beef').map((each) => each.name)).toEqual(['Wall']);
  expect(chosen(all, '', '-used').map((each) => each.name)).toEqual(['Terraform', 'CI', 'Wall']);
  expect(chosen(all).map((each) => each.name)).toEqual(['CI', 'Terraform', 'Wall']);
});
