// What can be done with the environments of a project.
import { useAct } from '@/lib/acts';
import { answered, api, type Schema } from '@/lib/api/client';
import type { Environment } from '@/lib/workspace';
import { type Draft, patchOf } from './draft';

export function useCreateEnvironment(projectKey: string) {
  return useAct<Schema<'EnvironmentPost'>, Environment>({
    doing: 'create the environment',
    act: (body) =>
      answered(api.POST('/api/v2/projects/{projectKey}/environments', { params: { path: { projectKey } }, body })),
    done: (environment) => `Environment ${environment.name} is created.`,
    touches: ['env', 'proj', 'flag'],
    quietFailure: true,
  });
}

export function useChangeEnvironment(projectKey: string, before: Environment) {
  return useAct<Draft, Environment>({
    doing: 'change the environment',
    act: (draft) =>
      answered(
        api.PATCH('/api/v2/projects/{projectKey}/environments/{environmentKey}', {
          params: { path: { projectKey, environmentKey: before.key } },
          body: patchOf(before, draft),
        }),
      ),
    done: (environment) => `Environment ${environment.name} is changed.`,
    touches: ['env', 'proj'],
    quietFailure: true,
  });
}

export function useDeleteEnvironment(projectKey: string) {
  return useAct<Environment>({
    doing: 'delete the environment',
    act: ({ key }) =>
      answered(
        api.DELETE('/api/v2/projects/{projectKey}/environments/{environmentKey}', {
          params: { path: { projectKey, environmentKey: key } },
        }),
      ),
    done: (_, environment) => `Environment ${environment.name} is deleted.`,
    touches: ['env', 'proj', 'flag', 'experiment'],
    quietFailure: true,
  });
}

/** A new SDK key; the one before goes on working until `expiry` (milliseconds), or ends at once. */
export function useResetSdkKey(projectKey: string, environmentKey: string) {
  return useAct<{ expiry?: number }, Environment>({
    doing: 'reset the SDK key',
    act: ({ expiry }) =>
      answered(
        api.POST('/api/v2/projects/{projectKey}/environments/{environmentKey}/apiKey', {
          params: { path: { projectKey, environmentKey }, query: { expiry } },
        }),
      ),
    done: (environment) => `${environment.name} has a new SDK key.`,
    touches: ['env', 'proj'],
    quietFailure: true,
  });
}

/** A new mobile key; the one before ends at once. */
export function useResetMobileKey(projectKey: string, environmentKey: string) {
  return useAct<void, Environment>({
    doing: 'reset the mobile key',
    act: () =>
      answered(
        api.POST('/api/v2/projects/{projectKey}/environments/{environmentKey}/mobileKey', {
          params: { path: { projectKey, environmentKey } },
        }),
      ),
    done: (environment) => `${environment.name} has a new mobile key.`,
    touches: ['env', 'proj'],
    quietFailure: true,
  });
}
