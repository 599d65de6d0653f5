// What can be done with access tokens.
import { useAct } from '@/lib/acts';
import { answered, api, type Schema } from '@/lib/api/client';
import type { Token } from './questions';

export function useCreateToken() {
  return useAct<Schema<'TokenPost'>, Token>({
    doing: 'create the token',
    act: (body) => answered(api.POST('/api/v2/tokens', { body })),
    touches: ['token'],
    quietFailure: true,
  });
}

export function useRenameToken() {
  return useAct<{ id: string; name: string; description: string }, Token>({
    doing: 'change the token',
    act: ({ id, name, description }) =>
      answered(
        api.PATCH('/api/v2/tokens/{id}', {
          params: { path: { id } },
          body: [
            { op: 'replace', path: '/name', value: name },
            { op: 'replace', path: '/description', value: description },
          ],
        }),
      ),
    done: 'The token is changed.',
    touches: ['token'],
    quietFailure: true,
  });
}

/** A new secret; the one before goes on working until `expiry` (milliseconds), or ends at once. */
export function useResetToken() {
  return useAct<{ id: string; expiry?: number }, Token>({
    doing: 'reset the token',
    act: ({ id, expiry }) =>
      answered(api.POST('/api/v2/tokens/{id}/reset', { params: { path: { id }, query: { expiry } } })),
    touches: ['token'],
    quietFailure: true,
  });
}

export function useDeleteToken() {
  return useAct<Token>({
    doing: 'delete the token',
    act: ({ _id }) => answered(api.DELETE('/api/v2/tokens/{id}', { params: { path: { id: _id } } })),
    done: (_, token) => `The token ${token.name || `ending in ${token.token}`} is deleted.`,
    touches: ['token'],
    quietFailure: true,
  });
}
