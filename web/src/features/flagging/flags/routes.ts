// Where the pages of this family are.
import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import { environmentRoute } from '@/lib/places';

export const flagsRoute = createRoute({
  getParentRoute: () => environmentRoute,
  path: 'flags',
  component: lazyRouteComponent(() => import('./FlagsPage'), 'FlagsPage'),
});

export const flagRoute = createRoute({
  getParentRoute: () => environmentRoute,
  path: 'flags/$flagKey',
  component: lazyRouteComponent(() => import('./FlagPage'), 'FlagPage'),
});

export const flagRoutes = [flagsRoute, flagRoute] as const;
