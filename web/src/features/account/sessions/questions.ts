// What is asked of a sign-in link before it is used.
import { useQuery } from '@tanstack/react-query';
import { answered, api } from '@/lib/api/client';

/** Whom a link is for, as long as it serves. */
export const useSignInLink = (token: string) =>
  useQuery({
    queryKey: ['sign-in-link', null, token],
    queryFn: () => answered(api.POST('/internal/session/link/look', { body: { token } })),
    enabled: token !== '',
    staleTime: Number.POSITIVE_INFINITY,
  });
