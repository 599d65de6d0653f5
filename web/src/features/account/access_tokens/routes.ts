// Where the pages of this family are.
import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import { accountRoute } from '@/lib/places';

export const accessTokensRoute = createRoute({
  getParentRoute: () => accountRoute,
  path: 'tokens',
  component: lazyRouteComponent(() => import('./AccessTokensPage'), 'AccessTokensPage'),
});

export const accessTokenRoutes = [accessTokensRoute] as const;
