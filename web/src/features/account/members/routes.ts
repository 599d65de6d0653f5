// Where the pages of this family are.
import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import { accountRoute } from '@/lib/places';

export const membersRoute = createRoute({
  getParentRoute: () => accountRoute,
  path: 'members',
  component: lazyRouteComponent(() => import('./MembersPage'), 'MembersPage'),
});

export const memberRoutes = [membersRoute] as const;
