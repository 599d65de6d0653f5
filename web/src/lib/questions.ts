// How answers are kept: a key names the kind of document first, so that one change on the server renews what it touches.
import { QueryClient } from '@tanstack/react-query';
import { ApiError } from './api/errors';

/**
 * The key of a question: `['flag', 'web', …]`. The first member is the kind of document in the words of addresses
 * (flag, metric, experiment, env, proj, token, member, role, …), the second the project, or null for the account.
 */
export type QuestionKey = readonly [kind: string, projectKey: string | null, ...rest: unknown[]];

export function makeQueryClient(): QueryClient {
  return new QueryClient({
    defaultOptions: {
      queries: {
        staleTime: 30_000,
        retry: (failures, error) => failures < 3 && (!(error instanceof ApiError) || isTransient(error)),
        refetchOnWindowFocus: true,
      },
    },
  });
}

function isTransient(error: ApiError): boolean {
  return error.status === 0 || error.status === 429 || error.status >= 500;
}
