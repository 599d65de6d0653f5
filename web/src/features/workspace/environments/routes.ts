// Where the pages of this family are.
import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import { environmentRoute } from '@/lib/places';
import { textOf } from '@/lib/search';

export const environmentsRoute = createRoute({
  getParentRoute: () => environmentRoute,
  path: 'settings',
  validateSearch: (search: Record<string, unknown>): { q?: string } => ({
    q: textOf(search.q),
  }),
  component: lazyRouteComponent(() => import('./EnvironmentsPage'), 'EnvironmentsPage'),
});

export const environmentRoutes = [environmentsRoute] as const;
