// Where the pages of this family are.
import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import { environmentRoute } from '@/lib/places';

export const metricsRoute = createRoute({
  getParentRoute: () => environmentRoute,
  path: 'metrics',
  component: lazyRouteComponent(() => import('./MetricsPage'), 'MetricsPage'),
});

export const newMetricRoute = createRoute({
  getParentRoute: () => environmentRoute,
  path: 'metrics/new',
  component: lazyRouteComponent(() => import('./NewMetricPage'), 'NewMetricPage'),
});

export const metricRoute = createRoute({
  getParentRoute: () => environmentRoute,
  path: 'metrics/$metricKey',
  component: lazyRouteComponent(() => import('./MetricPage'), 'MetricPage'),
});

export const metricRoutes = [metricsRoute, newMetricRoute, metricRoute] as const;
