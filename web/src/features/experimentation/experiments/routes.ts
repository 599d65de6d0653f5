// Where the pages of this family are.
import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import { environmentRoute } from '@/lib/places';

export const experimentsRoute = createRoute({
  getParentRoute: () => environmentRoute,
  path: 'experiments',
  component: lazyRouteComponent(() => import('./ExperimentsPage'), 'ExperimentsPage'),
});

export const newExperimentRoute = createRoute({
  getParentRoute: () => environmentRoute,
  path: 'experiments/new',
  component: lazyRouteComponent(() => import('./NewExperimentPage'), 'NewExperimentPage'),
});

export const experimentRoute = createRoute({
  getParentRoute: () => environmentRoute,
  path: 'experiments/$experimentKey',
  component: lazyRouteComponent(() => import('./ExperimentPage'), 'ExperimentPage'),
});

export const experimentRoutes = [experimentsRoute, newExperimentRoute, experimentRoute] as const;
