// Every page of the console, put together from what the families bring.
import type { QueryClient } from '@tanstack/react-query';
import { createRoute, createRouter, lazyRouteComponent, redirect } from '@tanstack/react-router';
import { Failure, Waiting } from '@/components/Notices';
import { accessTokenRoutes } from '@/features/account/access_tokens/routes';
import { auditRoutes } from '@/features/account/audit_log/routes';
import { memberRoutes } from '@/features/account/members/routes';
import { profileRoutes } from '@/features/account/profile/routes';
import { signInRoutes } from '@/features/account/sessions/routes';
import { experimentRoutes } from '@/features/experimentation/experiments/routes';
import { metricRoutes } from '@/features/experimentation/metrics/routes';
import { flagRoutes } from '@/features/flagging/flags/routes';
import { liveEventRoutes } from '@/features/targeting/live_events/routes';
import { environmentRoutes } from '@/features/workspace/environments/routes';
import { projectRoutes } from '@/features/workspace/projects/routes';
import { accountRoute, environmentRoute, rootRoute, signedInRoute } from '@/lib/places';
import { remembered } from '@/lib/remembered';
import { projectsQuestion } from '@/lib/workspace';
import { NotFound } from './NotFound';

const homeRoute = createRoute({
  getParentRoute: () => signedInRoute,
  path: '/',
  beforeLoad: async ({ context }) => {
    const projects = await context.queryClient.ensureQueryData(projectsQuestion);
    const last = remembered('place', { projectKey: '', environmentKey: '~' });
    const known = projects.find((each) => each.key === last.projectKey) ?? projects[0];
    if (!known) throw redirect({ href: '/settings/projects' });
    throw redirect({ href: `/projects/${encodeURIComponent(known.key)}/~/flags` });
  },
});

signedInRoute.update({ component: lazyRouteComponent(() => import('./Shell'), 'Shell') });

const routeTree = rootRoute.addChildren([
  ...signInRoutes,
  signedInRoute.addChildren([
    homeRoute,
    environmentRoute.addChildren([
      ...flagRoutes,
      ...metricRoutes,
      ...experimentRoutes,
      ...liveEventRoutes,
      ...environmentRoutes,
    ]),
    accountRoute.addChildren([
      ...projectRoutes,
      ...memberRoutes,
      ...accessTokenRoutes,
      ...auditRoutes,
      ...profileRoutes,
    ]),
  ]),
]);

export function makeRouter(queryClient: QueryClient) {
  return createRouter({
    routeTree,
    context: { queryClient },
    defaultPreload: 'intent',
    defaultPreloadStaleTime: 0,
    defaultPendingMs: 300,
    defaultPendingComponent: () => <Waiting />,
    defaultErrorComponent: ({ error, reset }) => <Failure error={error} doing="show this page" onRetry={reset} />,
    defaultNotFoundComponent: NotFound,
    scrollRestoration: true,
  });
}

declare module '@tanstack/react-router' {
  interface Register {
    router: ReturnType<typeof makeRouter>;
  }
}
