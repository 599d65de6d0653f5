// Addresses of pages that these pages lead to.

export interface Place {
  projectKey: string;
  environmentKey: string;
}

const under = ({ projectKey, environmentKey }: Place, ...rest: string[]) =>
  `/${['projects', projectKey, environmentKey, ...rest].map(encodeURIComponent).join('/')}`;

export const experimentsPath = (place: Place) => under(place, 'experiments');
export const newExperimentPath = (place: Place) => under(place, 'experiments', 'new');
export const experimentPath = (place: Place, key: string) => under(place, 'experiments', key);
export const flagPath = (place: Place, key: string) => under(place, 'flags', key);
export const metricPath = (place: Place, key: string) => under(place, 'metrics', key);
/** Where a metric is made; who comes from elsewhere goes back there, with the new metric's key as `metric`. */
export const newMetricPath = (place: Place, then: string) =>
  `${under(place, 'metrics', 'new')}?then=${encodeURIComponent(then)}`;
