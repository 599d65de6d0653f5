// Where the pages of this family are.
import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import { environmentRoute } from '@/lib/places';
import { readFlagSearch } from './list/search';
import { readTabSearch } from './tabs';

export const flagsRoute = createRoute({
  getParentRoute: () => environmentRoute,
  path: 'flags',
  validateSearch: readFlagSearch,
  component: lazyRouteComponent(() => import('./FlagsPage'), 'FlagsPage'),
});

export const flagRoute = createRoute({
  getParentRoute: () => environmentRoute,
  path: 'flags/$flagKey',
  validateSearch: readTabSearch,
  component: lazyRouteComponent(() => import('./FlagPage'), 'FlagPage'),
});

export const flagRoutes = [flagsRoute, flagRoute] as const;
