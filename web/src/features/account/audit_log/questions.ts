// What has been changed, by whom, and when.
import { keepPreviousData, useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { answered, api, type Schema } from '@/lib/api/client';
import { type Filters, questionOf } from './filters';

export type Entry = Schema<'EntryRep'>;
export type WholeEntry = Schema<'WholeEntryRep'>;

/** Entries newest first, a page at a time; a page begins below the last entry of the one before. */
export const useEntries = (filters: Filters) =>
  useInfiniteQuery({
    queryKey: ['audit', null, 'list', filters],
    queryFn: async ({ pageParam }) => {
      const { spec, ...question } = questionOf(filters);
      // Several specifiers are one parameter each, which the description cannot say.
      const query = { limit: 20, ...question, spec: spec as unknown as string, ...pageParam };
      return answered(api.GET('/api/v2/auditlog', { params: { query } }));
    },
    initialPageParam: {} as { before?: number; beforeId?: string },
    getNextPageParam: ({ items, _links }) => {
      const last = items.at(-1);
      return last && _links.next ? { before: last.date, beforeId: last._id } : undefined;
    },
    placeholderData: keepPreviousData,
  });

export const useEntry = (id: string | undefined) =>
  useQuery({
    queryKey: ['audit', null, 'entry', id],
    queryFn: () => answered(api.GET('/api/v2/auditlog/{id}', { params: { path: { id: id as string } } })),
    enabled: id !== undefined,
    staleTime: Number.POSITIVE_INFINITY,
  });

export const useAuthors = () =>
  useQuery({
    queryKey: ['member', null, 'all'],
    queryFn: async () => (await answered(api.GET('/api/v2/members', { params: { query: { limit: 1000 } } }))).items,
  });
