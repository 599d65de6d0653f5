// What can be changed of a member.
import { useAct } from '@/lib/acts';
import { answered, api } from '@/lib/api/client';
import type { Member } from './questions';

export function useChangeRole(member: Member) {
  return useAct<string, Member>({
    doing: 'change the role',
    act: (role) =>
      answered(
        api.PATCH('/api/v2/members/{id}', {
          params: { path: { id: member._id } },
          body: [{ op: 'replace', path: '/role', value: role }],
        }),
      ),
    done: (changed) => `${changed.email} has the role ${changed.role} now.`,
    touches: ['member', 'may'],
    quietFailure: true,
  });
}
