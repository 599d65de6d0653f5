// Addresses in the policy language's spelling, as permissions name them.

export const project = (projectKey: string) => `proj/${projectKey}`;
export const environment = (projectKey: string, environmentKey: string) => `proj/${projectKey}:env/${environmentKey}`;
/** A flag; what concerns all environments is at `env/*`. */
export const flag = (projectKey: string, flagKey: string, environmentKey = '*') =>
  `proj/${projectKey}:env/${environmentKey}:flag/${flagKey}`;
export const metric = (projectKey: string, metricKey: string) => `proj/${projectKey}:metric/${metricKey}`;
export const experiment = (projectKey: string, environmentKey: string, experimentKey: string) =>
  `proj/${projectKey}:env/${environmentKey}:experiment/${experimentKey}`;
