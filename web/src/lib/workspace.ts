// The project and environment that a page is about, as the whole console knows them.
import { queryOptions, useQuery, useSuspenseQuery } from '@tanstack/react-query';
import { answered, api, type Schema } from './api/client';

export type Project = Schema<'ProjectRep'>;
export type Environment = Schema<'EnvironmentRep'>;

/** Every project with its environments: the switches at the top of each page. */
export const projectsQuestion = queryOptions({
  queryKey: ['proj', null, 'all'] as const,
  queryFn: async () => {
    const query = { expand: 'environments', limit: 1000 };
    const found = await answered(api.GET('/api/v2/projects', { params: { query } }));
    return found.items;
  },
});

/** All environments of a project, in its own order. */
export function environmentsQuestion(projectKey: string) {
  return queryOptions({
    queryKey: ['env', projectKey, 'all'] as const,
    queryFn: async () => {
      const params = { path: { projectKey }, query: { limit: 1000 } };
      const found = await answered(api.GET('/api/v2/projects/{projectKey}/environments', { params }));
      return found.items;
    },
  });
}

export function useProjects(): Project[] {
  return useSuspenseQuery(projectsQuestion).data;
}

/** Empty until known. */
export function useEnvironments(projectKey: string): Environment[] {
  return useQuery(environmentsQuestion(projectKey)).data ?? [];
}

/** One environment with its keys; undefined until known. */
export function useEnvironment(projectKey: string, environmentKey: string): Environment | undefined {
  return useEnvironments(projectKey).find((each) => each.key === environmentKey);
}
