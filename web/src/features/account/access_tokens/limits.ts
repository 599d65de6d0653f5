// How far a token reaches, in words and as the API is told.
import type { Role, Token } from './questions';

export const BASE_ROLES = [
  { value: 'reader', label: 'Reader: look at everything but secrets' },
  { value: 'writer', label: 'Writer: change flags, metrics and experiments' },
  { value: 'admin', label: 'Admin: also members, tokens and roles' },
];

const OWN = 'role:';

/** The choices for a token's limits: base roles, then custom ones. */
export function choices(roles: Role[]) {
  const custom = roles.map(({ _id, name }) => ({ value: OWN + _id, label: name }));
  if (custom.length === 0) return BASE_ROLES;
  return [
    { group: 'Base roles', items: BASE_ROLES },
    { group: 'Custom roles', items: custom },
  ];
}

/** A choice as the API is told of it. */
export function limitsOf(choice: string): { role: 'reader' | 'writer' | 'admin' } | { customRoleIds: string[] } {
  if (choice.startsWith(OWN)) return { customRoleIds: [choice.slice(OWN.length)] };
  return { role: choice as 'reader' | 'writer' | 'admin' };
}

/** What a token may do, in a few words. */
export function limitsTold(token: Pick<Token, 'role' | 'customRoleIds' | 'inlineRole'>, roles: Role[]): string {
  if (token.inlineRole?.length) return 'A policy of its own';
  if (token.customRoleIds?.length) {
    return token.customRoleIds.map((id) => roles.find((role) => role._id === id)?.name ?? 'a custom role').join(', ');
  }
  const role = token.role ?? 'reader';
  return role.charAt(0).toUpperCase() + role.slice(1);
}

/** The address of a token in the policy language. */
export function addressOf(token: Pick<Token, '_id' | 'memberId' | 'serviceToken'>): string {
  return token.serviceToken ? `service-token/${token._id}` : `member/${token.memberId}:token/${token._id}`;
}

/** The tokens with a text in their name, description, ending or owner, in the order wanted. */
export function chosen(tokens: Token[], text = '', sort = 'name'): Token[] {
  const wanted = text.trim().toLowerCase();
  const found = tokens.filter(({ name, description, token, _member }) =>
    [name, description, token, _member?.email ?? ''].some((each) => each.toLowerCase().includes(wanted)),
  );
  const direction = sort.startsWith('-') ? -1 : 1;
  const compare = ORDERS[sort.replace('-', '')] ?? ORDERS.name;
  return found.sort((one, other) => direction * (compare?.(one, other) ?? 0));
}

const ORDERS: Record<string, (one: Token, other: Token) => number> = {
  name: (one, other) => one.name.localeCompare(other.name, 'en', { numeric: true }),
  used: (one, other) => (one.lastUsed ?? 0) - (other.lastUsed ?? 0),
  created: (one, other) => one.creationDate - other.creationDate,
};
