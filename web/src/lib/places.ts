// The pages that other pages stand in: routes that every family hangs its own under.
import type { QueryClient } from '@tanstack/react-query';
import { createRootRouteWithContext, createRoute, redirect } from '@tanstack/react-router';
import { remember, remembered } from './remembered';
import { sessionQuestion } from './session';
import { environmentsQuestion } from './workspace';

export interface RouterContext {
  queryClient: QueryClient;
}

export const rootRoute = createRootRouteWithContext<RouterContext>()();

/** Everything that asks for somebody signed in, inside the shell; the shell itself is put in by the app. */
export const signedInRoute = createRoute({
  getParentRoute: () => rootRoute,
  id: 'signed-in',
  beforeLoad: async ({ context, location }) => {
    const session = await context.queryClient.ensureQueryData(sessionQuestion);
    if (!session.signedIn) throw redirect({ href: `/sign-in?then=${encodeURIComponent(location.href)}` });
  },
});

/** An environment of a project: most of the console. The name `~` stands for the environment used last. */
export const environmentRoute = createRoute({
  getParentRoute: () => signedInRoute,
  path: '/projects/$projectKey/$environmentKey',
  beforeLoad: async ({ context, params, location }) => {
    const { projectKey, environmentKey } = params;
    if (environmentKey !== '~') {
      remember('place', { projectKey, environmentKey });
      remember(`environment.${projectKey}`, environmentKey);
      return;
    }
    const known = await context.queryClient.ensureQueryData(environmentsQuestion(projectKey));
    const last = remembered(`environment.${projectKey}`, '');
    const found = known.find((each) => each.key === last) ?? known[0];
    if (found) throw redirect({ href: location.href.replace('/~', `/${encodeURIComponent(found.key)}`) });
  },
});

/** Settings of the account. */
export const accountRoute = createRoute({ getParentRoute: () => signedInRoute, path: '/settings' });
