// Where the pages of this family are.
import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import { environmentRoute } from '@/lib/places';
import { type Filter, filterOf } from './filter';

export const liveEventsRoute = createRoute({
  getParentRoute: () => environmentRoute,
  path: 'events',
  validateSearch: (search: Record<string, unknown>): Filter => filterOf(search),
  component: lazyRouteComponent(() => import('./LiveEventsPage'), 'LiveEventsPage'),
});

export const liveEventRoutes = [liveEventsRoute] as const;
