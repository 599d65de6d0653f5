// One mutation per act: it says what it did, or why it could not, and renews the answers it touched.
import { type UseMutationResult, useMutation, useQueryClient } from '@tanstack/react-query';
import { ApiError } from './api/errors';
import { tellDone, tellFailure } from './told';

interface Act<Input, Output> {
  /** What is being done, for the news of a failure: "turn the flag on". */
  doing: string;
  act: (input: Input) => Promise<Output>;
  /** What to say when it is done; nothing is said without it. */
  done?: string | ((output: Output, input: Input) => string);
  /** The kinds of questions (first members of their keys) whose answers are stale now. */
  touches: string[];
  /** Leaves the telling of failures to the caller, for forms that show them in place. */
  quietFailure?: boolean;
}

export function useAct<Input = void, Output = unknown>({
  doing,
  act,
  done,
  touches,
  quietFailure,
}: Act<Input, Output>): UseMutationResult<Output, Error, Input> {
  const client = useQueryClient();
  return useMutation({
    mutationFn: act,
    onSuccess: async (output, input) => {
      if (done) tellDone(typeof done === 'function' ? done(output, input) : done);
      const touched = new Set([...touches, 'audit']);
      await client.invalidateQueries({ predicate: ({ queryKey }) => touched.has(String(queryKey[0])) });
    },
    onError: (error) => {
      const hasSessionEnded = error instanceof ApiError && error.status === 401; // the console asks to sign in again
      if (!quietFailure && !hasSessionEnded) tellFailure(doing, error);
    },
  });
}
