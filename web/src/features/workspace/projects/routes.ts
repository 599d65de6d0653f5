// Where the pages of this family are.
import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import { accountRoute } from '@/lib/places';

export const projectsRoute = createRoute({
  getParentRoute: () => accountRoute,
  path: 'projects',
  component: lazyRouteComponent(() => import('./ProjectsPage'), 'ProjectsPage'),
});

export const projectRoutes = [projectsRoute] as const;
