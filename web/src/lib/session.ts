// Who is signed in.
import { queryOptions, useQuery, useQueryClient } from '@tanstack/react-query';
import { answered, api, type Schema, setCsrfToken } from './api/client';

export type Session = Schema<'SessionRep'>;
export type SignedIn = Session & { signedIn: true; member: NonNullable<Session['member']> };

export const sessionQuestion = queryOptions({
  queryKey: ['session', null] as const,
  queryFn: async ({ client }): Promise<Session> => {
    const told = noted(await answered(api.GET('/internal/session')));
    // Who was signed in stays known, so that the page behind the question keeps what was typed into it.
    return told.signedIn ? told : { ...told, member: client.getQueryData<Session>(['session', null])?.member };
  },
  staleTime: 60_000,
});

/** Keep the token that writes must carry; to be called with every session the server hands out. */
export function noted(session: Session): Session {
  setCsrfToken(session.csrfToken ?? '');
  return session;
}

/** The session as known now. */
export function useSession(): Session | undefined {
  return useQuery(sessionQuestion).data;
}

/** The member who is signed in; only below the signed-in part of the console. */
export function useMember(): SignedIn['member'] {
  const member = useSession()?.member;
  if (!member) throw new Error('nobody is signed in here');
  return member;
}

/** Remember a session that has just begun. */
export function useBeginSession(): (session: Session) => void {
  const client = useQueryClient();
  return (session) => client.setQueryData(sessionQuestion.queryKey, noted(session));
}
