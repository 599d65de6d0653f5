// Where the pages of this family are.
import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import { accountRoute } from '@/lib/places';

export const profileRoute = createRoute({
  getParentRoute: () => accountRoute,
  path: 'account',
  component: lazyRouteComponent(() => import('./ProfilePage'), 'ProfilePage'),
});

export const profileRoutes = [profileRoute] as const;
