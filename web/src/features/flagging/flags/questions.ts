// What the pages of flags ask the server.
import { keepPreviousData, useInfiniteQuery, useQueries, useQuery } from '@tanstack/react-query';
import * as addresses from '@/lib/addresses';
import { answered, api, type Schema } from '@/lib/api/client';
import { usePagedList } from '@/lib/paging';
import { type FlagSearch, filterOf } from './list/search';

export type Flag = Schema<'FlagRep'>;
export type FlagConfig = Schema<'FlagConfigRep'>;
export type Entry = Schema<'EntryRep'>;
export type WholeEntry = Schema<'WholeEntryRep'>;
export type StatusName = 'new' | 'active' | 'inactive' | 'launched';

/** The flags of a project, a page at a time, with what they do in some environments. */
export function useFlagList(projectKey: string, search: FlagSearch, environments: string[]) {
  const filter = filterOf(search);
  const sort = search.sort ?? '-creationDate';
  const env = environments.join(',');
  return usePagedList<Flag>(['flag', projectKey, 'list', filter, sort, env], (offset, limit) => {
    const query = { filter, sort, offset, limit, summary: true, ...(env ? { env } : {}) };
    return answered(api.GET('/api/v2/flags/{projectKey}', { params: { path: { projectKey }, query } }));
  });
}

/** One flag with all its environments. */
export function useFlag(projectKey: string, flagKey: string) {
  return useQuery({
    queryKey: ['flag', projectKey, 'one', flagKey] as const,
    queryFn: () => readFlag(projectKey, flagKey),
  });
}

export function readFlag(projectKey: string, flagKey: string): Promise<Flag> {
  const path = { projectKey, featureFlagKey: flagKey };
  return answered(api.GET('/api/v2/flags/{projectKey}/{featureFlagKey}', { params: { path } }));
}

/** How much each flag is used in an environment, by key. */
export function useStatuses(projectKey: string, environmentKey: string) {
  return useQuery({
    queryKey: ['flag-status', projectKey, environmentKey] as const,
    queryFn: async () => {
      const path = { projectKey, environmentKey };
      const found = await answered(
        api.GET('/api/v2/flag-statuses/{projectKey}/{environmentKey}', { params: { path } }),
      );
      return new Map(found.items.map((each) => [keyOf(each._links?.parent?.href), each]));
    },
    staleTime: 60_000,
  });
}

/** How much one flag is used in an environment. */
export function useStatus(projectKey: string, environmentKey: string, flagKey: string) {
  return useQuery({
    queryKey: ['flag-status', projectKey, environmentKey, flagKey] as const,
    queryFn: () => {
      const path = { projectKey, environmentKey, featureFlagKey: flagKey };
      return answered(
        api.GET('/api/v2/flag-statuses/{projectKey}/{environmentKey}/{featureFlagKey}', { params: { path } }),
      );
    },
    staleTime: 60_000,
  });
}

/** The tags that flags of any project carry. */
export function useTags() {
  return useQuery({
    queryKey: ['flag', null, 'tags'] as const,
    queryFn: async () => {
      const query = { kind: ['flag'], limit: 1000 };
      return (await answered(api.GET('/api/v2/tags', { params: { query } }))).items;
    },
    staleTime: 60_000,
  });
}

/** Everybody who may maintain a flag. */
export function useMembers() {
  return useQuery({
    queryKey: ['member', null, 'all'] as const,
    queryFn: async () => (await answered(api.GET('/api/v2/members', { params: { query: { limit: 1000 } } }))).items,
    staleTime: 60_000,
  });
}

/** The flags that have this one as a prerequisite, with the environments where they do. */
export function useDependants(projectKey: string, flagKey: string) {
  return useQuery({
    queryKey: ['flag', projectKey, 'dependants', flagKey] as const,
    queryFn: async () => {
      const path = { projectKey, featureFlagKey: flagKey };
      return (
        await answered(api.GET('/api/v2/flags/{projectKey}/{featureFlagKey}/dependent-flags', { params: { path } }))
      ).items;
    },
  });
}

export interface Tested {
  key: string;
  name: string;
  environmentKey: string;
}

/** The experiments that are about a flag, in any of some environments; those on the way are left out. */
export function useExperimentsOn(projectKey: string, flagKey: string, environments: string[]): Tested[] {
  const found = useQueries({
    queries: environments.map((environmentKey) => ({
      queryKey: ['experiment', projectKey, environmentKey, 'about', flagKey] as const,
      queryFn: async (): Promise<Tested[]> => {
        const path = { projectKey, environmentKey };
        const query = { filter: `flagKey:${flagKey}`, limit: 50 };
        const one = '/api/v2/projects/{projectKey}/environments/{environmentKey}/experiments';
        const { items } = await answered(api.GET(one, { params: { path, query } }));
        return items.map(({ key, name }) => ({ key, name, environmentKey }));
      },
    })),
  });
  return found.flatMap((each) => each.data ?? []);
}

/** Some flags whole; those on the way are left out. */
export function useFlags(projectKey: string, keys: string[]): Flag[] {
  const found = useQueries({
    queries: keys.map((key) => ({
      queryKey: ['flag', projectKey, 'one', key] as const,
      queryFn: () => readFlag(projectKey, key),
    })),
  });
  return found.flatMap((each) => (each.data ? [each.data] : []));
}

/** What happened to a flag, newest first. */
export function useHistory(projectKey: string, flagKey: string) {
  return useInfiniteQuery({
    queryKey: ['audit', projectKey, 'flag', flagKey] as const,
    initialPageParam: {} as { before?: number; beforeId?: string },
    queryFn: async ({ pageParam }) => {
      const query = { spec: addresses.flag(projectKey, flagKey), limit: 20, ...pageParam };
      return answered(api.GET('/api/v2/auditlog', { params: { query } }));
    },
    getNextPageParam: (page) => {
      const last = page.items.at(-1);
      return page._links.next && last ? { before: last.date, beforeId: last._id } : undefined;
    },
  });
}

/** One entry of the history with the flag before and after. */
export function useWholeEntry(id: string, isWanted: boolean) {
  return useQuery({
    queryKey: ['entry', null, id] as const,
    queryFn: () => readEntry(id),
    enabled: isWanted,
    staleTime: Number.POSITIVE_INFINITY,
  });
}

export function readEntry(id: string): Promise<WholeEntry> {
  return answered(api.GET('/api/v2/auditlog/{id}', { params: { path: { id } } }));
}

/** What a context gets from a flag in each environment, and why. */
export function useExplanations(projectKey: string, flagKey: string, context: unknown) {
  return useQuery({
    queryKey: ['flag', projectKey, 'explain', flagKey, context] as const,
    queryFn: async () => {
      const path = { projectKey, featureFlagKey: flagKey };
      const asked = api.POST('/internal/projects/{projectKey}/flags/{featureFlagKey}/explain', {
        params: { path },
        body: { contexts: [context] },
      });
      return (await answered(asked)).items;
    },
    enabled: context !== undefined,
    placeholderData: keepPreviousData,
    retry: false,
  });
}

function keyOf(href: string | undefined): string {
  return decodeURIComponent(href?.split('/').at(-1) ?? '');
}
