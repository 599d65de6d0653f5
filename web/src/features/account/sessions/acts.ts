// Signing in and out.
import { useAct } from '@/lib/acts';
import { answered, api } from '@/lib/api/client';

/** End this session and leave the console. */
export function useSignOut() {
  return useAct<void>({
    doing: 'sign out',
    act: async () => {
      await answered(api.DELETE('/internal/session'));
      window.location.assign('/sign-in');
    },
    touches: ['session'],
  });
}
