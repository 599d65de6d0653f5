// Where the pages of this family are.
import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import { accountRoute } from '@/lib/places';

export const membersRoute = createRoute({
  getParentRoute: () => accountRoute,
  path: 'members',
  validateSearch: (search: Record<string, unknown>): { q?: string; sort?: string } => ({
    q: typeof search.q === 'string' && search.q ? search.q : undefined,
    sort: typeof search.sort === 'string' ? search.sort : undefined,
  }),
  component: lazyRouteComponent(() => import('./MembersPage'), 'MembersPage'),
});

export const memberRoutes = [membersRoute] as const;
