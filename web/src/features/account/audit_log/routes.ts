// Where the pages of this family are.
import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import { accountRoute } from '@/lib/places';
import { textOf } from '@/lib/search';
import { type Filters, filtersOf } from './filters';

export const auditLogRoute = createRoute({
  getParentRoute: () => accountRoute,
  path: 'audit',
  /** `entry` is the one that is open. */
  validateSearch: (search: Record<string, unknown>): Filters & { entry?: string } => ({
    ...filtersOf(search),
    entry: textOf(search.entry),
  }),
  component: lazyRouteComponent(() => import('./AuditLogPage'), 'AuditLogPage'),
});

export const auditRoutes = [auditLogRoute] as const;
