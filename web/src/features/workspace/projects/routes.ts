// Where the pages of this family are.
import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import { accountRoute } from '@/lib/places';
import { textOf } from '@/lib/search';

export const projectsRoute = createRoute({
  getParentRoute: () => accountRoute,
  path: 'projects',
  validateSearch: (search: Record<string, unknown>): { q?: string; sort?: string } => ({
    q: textOf(search.q),
    sort: textOf(search.sort),
  }),
  component: lazyRouteComponent(() => import('./ProjectsPage'), 'ProjectsPage'),
});

export const projectRoutes = [projectsRoute] as const;
