// Where the pages of this family are, and what their addresses carry.
import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import { environmentRoute } from '@/lib/places';
import { textOf } from '@/lib/search';
import { STEPS, type Step } from './draft';
import { type ListSearch, STATES } from './listing';
import { type ResultsSearch, resultsSearch } from './results/search';

export const TABS = ['overview', 'results', 'design', 'iterations'] as const;
export type Tab = (typeof TABS)[number];

export interface ExperimentSearch extends ResultsSearch {
  tab?: Tab;
}

export const experimentsRoute = createRoute({
  getParentRoute: () => environmentRoute,
  path: 'experiments',
  component: lazyRouteComponent(() => import('./ExperimentsPage'), 'ExperimentsPage'),
  validateSearch: (search: Record<string, unknown>): ListSearch => ({
    ...text('q', search.q),
    ...text('flag', search.flag),
    ...text('metric', search.metric),
    ...text('sort', search.sort),
    ...oneOf('state', STATES, search.state),
    ...oneOf('method', ['bayesian', 'frequentist'] as const, search.method),
  }),
});

export const newExperimentRoute = createRoute({
  getParentRoute: () => environmentRoute,
  path: 'experiments/new',
  component: lazyRouteComponent(() => import('./NewExperimentPage'), 'NewExperimentPage'),
  validateSearch: (search: Record<string, unknown>): { step?: Step; flag?: string; metric?: string } => ({
    ...oneOf(
      'step',
      STEPS.map((each) => each.step),
      search.step,
    ),
    ...text('flag', search.flag),
    ...text('metric', search.metric),
  }),
});

export const experimentRoute = createRoute({
  getParentRoute: () => environmentRoute,
  path: 'experiments/$experimentKey',
  component: lazyRouteComponent(() => import('./ExperimentPage'), 'ExperimentPage'),
  validateSearch: (search: Record<string, unknown>): ExperimentSearch => ({
    ...oneOf('tab', TABS, search.tab),
    ...resultsSearch(search),
  }),
});

export const experimentRoutes = [experimentsRoute, newExperimentRoute, experimentRoute] as const;

function text<Name extends string>(name: Name, value: unknown): { [key in Name]?: string } {
  const said = textOf(value);
  return said === undefined ? {} : ({ [name]: said } as { [key in Name]?: string });
}

function oneOf<Name extends string, Value extends string>(
  name: Name,
  allowed: readonly Value[],
  value: unknown,
): { [key in Name]?: Value } {
  const found = allowed.find((each) => each === value);
  return found ? ({ [name]: found } as { [key in Name]?: Value }) : {};
}
