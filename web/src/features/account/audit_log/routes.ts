// Where the pages of this family are.
import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import { accountRoute } from '@/lib/places';

export const auditLogRoute = createRoute({
  getParentRoute: () => accountRoute,
  path: 'audit',
  component: lazyRouteComponent(() => import('./AuditLogPage'), 'AuditLogPage'),
});

export const auditRoutes = [auditLogRoute] as const;
