// Where the pages of this family are.
import { createRoute, lazyRouteComponent, redirect } from '@tanstack/react-router';
import { rootRoute } from '@/lib/places';
import { textOf } from '@/lib/search';
import { sessionQuestion } from '@/lib/session';
import { ownPath } from './ownPath';

export const signInRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: 'sign-in',
  /** `then` is where to go on afterwards. */
  validateSearch: (search: Record<string, unknown>): { then?: string } => {
    const then = ownPath(search.then);
    return then === '/' ? {} : { then };
  },
  beforeLoad: async ({ context, search }) => {
    const session = await context.queryClient.ensureQueryData(sessionQuestion);
    if (session.signedIn) throw redirect({ href: ownPath(search.then) });
  },
  component: lazyRouteComponent(() => import('./SignInPage'), 'SignInPage'),
});

export const welcomeRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: 'welcome',
  validateSearch: (search: Record<string, unknown>): { token?: string } => ({
    token: textOf(search.token),
  }),
  component: lazyRouteComponent(() => import('./WelcomePage'), 'WelcomePage'),
});

export const signInRoutes = [signInRoute, welcomeRoute] as const;
