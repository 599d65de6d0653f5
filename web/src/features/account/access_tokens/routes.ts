// Where the pages of this family are.
import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import { accountRoute } from '@/lib/places';
import { textOf } from '@/lib/search';

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
    q: textOf(search.q),
    everybody: search.everybody === true || undefined,
    sort: textOf(search.sort),
  }),
  component: lazyRouteComponent(() => import('./AccessTokensPage'), 'AccessTokensPage'),
});

export const accessTokenRoutes = [accessTokensRoute] as const;
