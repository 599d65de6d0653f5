// Where the pages of this family are.
import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import { environmentRoute } from '@/lib/places';
import { type Beginning, beginningOf } from './form/beginning';
import { type ListSearch, listSearchOf } from './listing';

const HOURS = [24, 168, 720] as const;
export type Hours = (typeof HOURS)[number];

export const metricsRoute = createRoute({
  getParentRoute: () => environmentRoute,
  path: 'metrics',
  validateSearch: (search: Record<string, unknown>): ListSearch => listSearchOf(search),
  component: lazyRouteComponent(() => import('./MetricsPage'), 'MetricsPage'),
});

export const newMetricRoute = createRoute({
  getParentRoute: () => environmentRoute,
  path: 'metrics/new',
  validateSearch: (search: Record<string, unknown>): Beginning => beginningOf(search),
  component: lazyRouteComponent(() => import('./NewMetricPage'), 'NewMetricPage'),
});

export const metricRoute = createRoute({
  getParentRoute: () => environmentRoute,
  path: 'metrics/$metricKey',
  validateSearch: (search: Record<string, unknown>): { hours?: Hours } => ({
    hours: HOURS.find((hours) => hours === Number(search.hours)),
  }),
  component: lazyRouteComponent(() => import('./MetricPage'), 'MetricPage'),
});

export const editMetricRoute = createRoute({
  getParentRoute: () => environmentRoute,
  path: 'metrics/$metricKey/edit',
  component: lazyRouteComponent(() => import('./EditMetricPage'), 'EditMetricPage'),
});

export const metricRoutes = [metricsRoute, newMetricRoute, metricRoute, editMetricRoute] as const;
