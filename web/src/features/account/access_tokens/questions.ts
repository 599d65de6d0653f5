// Which access tokens there are, and the roles that limit them.
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { answered, api, type Schema } from '@/lib/api/client';

export type Token = Schema<'TokenRep'>;
export type Role = Schema<'CustomRoleRep'>;

export const useTokens = (everybody: boolean) =>
  useQuery({
    queryKey: ['token', null, 'all', everybody],
    queryFn: () => answered(api.GET('/api/v2/tokens', { params: { query: { showAll: everybody, limit: 1000 } } })),
    placeholderData: keepPreviousData,
  });

/** Custom roles, none where one may not see them. */
export const useCustomRoles = () =>
  useQuery({
    queryKey: ['role', null, 'all'],
    queryFn: async () => (await answered(api.GET('/api/v2/roles', { params: { query: { limit: 1000 } } }))).items,
  }).data ?? [];
