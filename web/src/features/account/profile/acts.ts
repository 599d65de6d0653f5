// What one may change of oneself: name, password, and where one is signed in.
import { useAct } from '@/lib/acts';
import { answered, api, type Schema } from '@/lib/api/client';

export interface Names {
  firstName: string;
  lastName: string;
}

export function useRename() {
  return useAct<Names>({
    doing: 'change your name',
    act: ({ firstName, lastName }) =>
      answered(
        api.PATCH('/api/v2/members/{id}', {
          params: { path: { id: 'me' } },
          body: [
            { op: 'replace', path: '/firstName', value: firstName.trim() },
            { op: 'replace', path: '/lastName', value: lastName.trim() },
          ],
        }),
      ),
    done: 'Your name is changed.',
    touches: ['member', 'session'],
  });
}

export function useChangePassword() {
  return useAct<Schema<'PasswordChange'>>({
    doing: 'change the password',
    act: (body) => answered(api.PUT('/internal/session/password', { body })),
    done: 'Your password is changed, and you are signed out everywhere else.',
    touches: ['browsers'],
    quietFailure: true,
  });
}

export function useEndBrowser() {
  return useAct<string>({
    doing: 'sign out there',
    act: (id) => answered(api.DELETE('/internal/sessions/{id}', { params: { path: { id } } })),
    done: 'Signed out there.',
    touches: ['browsers'],
  });
}

/** Sign out in every browser, and leave. */
export function useEndAllBrowsers() {
  return useAct<void>({
    doing: 'sign out everywhere',
    act: async () => {
      await answered(api.DELETE('/internal/sessions'));
      window.location.assign('/sign-in');
    },
    touches: [],
    quietFailure: true,
  });
}
