// Where the pages of this family are.
import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import { accountRoute } from '@/lib/places';
import { textOf } from '@/lib/search';

export const membersRoute = createRoute({
  getParentRoute: () => accountRoute,
  path: 'members',
  validateSearch: (search: Record<string, unknown>): { q?: string; sort?: string } => ({
    q: textOf(search.q),
    sort: textOf(search.sort),
  }),
  component: lazyRouteComponent(() => import('./MembersPage'), 'MembersPage'),
});

export const memberRoutes = [membersRoute] as const;
