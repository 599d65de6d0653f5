// Addresses of pages that these pages lead to.

export interface Place {
  projectKey: string;
  environmentKey: string;
}

const under = ({ projectKey, environmentKey }: Place, ...rest: string[]) =>
  `/${['projects', projectKey, environmentKey, ...rest].map(encodeURIComponent).join('/')}`;

export const metricsPath = (place: Place) => under(place, 'metrics');
export const newMetricPath = (place: Place) => under(place, 'metrics', 'new');
export const metricPath = (place: Place, key: string) => under(place, 'metrics', key);
export const editMetricPath = (place: Place, key: string) => under(place, 'metrics', key, 'edit');
export const experimentPath = (place: Place, key: string) => under(place, 'experiments', key);
export const newExperimentPath = (place: Place, metric: string) =>
  `${under(place, 'experiments', 'new')}?metric=${encodeURIComponent(metric)}`;
export const eventsPath = (place: Place, key: string) => `${under(place, 'events')}?key=${encodeURIComponent(key)}`;
export const problemsPath = (place: Place, key: string) => `${eventsPath(place, key)}&problems=true`;
