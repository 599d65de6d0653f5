// Where the pages of this family are.
import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import { accountRoute } from '@/lib/places';

export interface TokensSearch {
  q?: string;
  /** Everybody's tokens, not only one's own and those of services. */
  everybody?: boolean;
  sort?: string;
}

export const accessTokensRoute = createRoute({
  getParentRoute: () => accountRoute,
  path: 'tokens',
  validateSearch: (search: Record<string, unknown>): TokensSearch => ({
    q: typeof search.q === 'string' && search.q ? search.q : undefined,
    everybody: search.everybody === true || undefined,
    sort: typeof search.sort === 'string' ? search.sort : undefined,
  }),
  component: lazyRouteComponent(() => import('./AccessTokensPage'), 'AccessTokensPage'),
});

export const accessTokenRoutes = [accessTokensRoute] as const;
