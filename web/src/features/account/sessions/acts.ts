// Signing in and out.
import { useAct } from '@/lib/acts';
import { answered, api, type Schema } from '@/lib/api/client';
import { ApiError } from '@/lib/api/errors';
import type { Session } from '@/lib/session';

/** Sign in with e-mail and password; the form itself tells what fails. */
export function useSignIn() {
  return useAct<Schema<'Credentials'>, Session>({
    doing: 'sign in',
    act: (body) => answered(api.POST('/internal/session', { body })),
    touches: [],
    quietFailure: true,
  });
}

/** Set a password with a one-time link, and sign in. */
export function useLink() {
  return useAct<Schema<'LinkUse'>, Session>({
    doing: 'set the password',
    act: (body) => answered(api.POST('/internal/session/link', { body })),
    touches: [],
    quietFailure: true,
  });
}

/** End this session and leave the console. */
export function useSignOut() {
  return useAct<void>({
    doing: 'sign out',
    act: async () => {
      await answered(api.DELETE('/internal/session')).catch((cause: unknown) => {
        if (!(cause instanceof ApiError && cause.status === 401)) throw cause; // signed out already
      });
      window.location.assign('/sign-in');
    },
    touches: [],
  });
}
