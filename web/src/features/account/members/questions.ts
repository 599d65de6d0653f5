// Who the members are.
import { answered, api, type Schema } from '@/lib/api/client';
import { type PagedList, usePagedList } from '@/lib/paging';

export type Member = Schema<'MemberRep'>;

/** Members by place, found by name or e-mail and sorted by the server. */
export function useMembers(q: string | undefined, sort: string): PagedList<Member> {
  return usePagedList<Member>(['member', null, 'list', q ?? '', sort], (offset, limit) => {
    const text = q?.replace(/[,{}[\]]/g, ' ').trim(); // signs that part filters
    const query = { limit, offset, sort, filter: text ? `query:${text}` : undefined };
    return answered(api.GET('/api/v2/members', { params: { query } }));
  });
}
