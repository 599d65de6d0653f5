// Where the pages of this family are.
import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import { environmentRoute } from '@/lib/places';

export const liveEventsRoute = createRoute({
  getParentRoute: () => environmentRoute,
  path: 'events',
  component: lazyRouteComponent(() => import('./LiveEventsPage'), 'LiveEventsPage'),
});

export const liveEventRoutes = [liveEventsRoute] as const;
