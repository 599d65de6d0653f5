// What can be done with projects.
import { useAct } from '@/lib/acts';
import { answered, api, type Schema } from '@/lib/api/client';

interface ProjectChange {
  projectKey: string;
  name: string;
  tags: string[];
}

export function useCreateProject() {
  return useAct<Schema<'ProjectPost'>, Schema<'ProjectRep'>>({
    doing: 'create the project',
    act: (body) => answered(api.POST('/api/v2/projects', { body })),
    done: (project) => `Project ${project.name} is created.`,
    touches: ['proj', 'env'],
    quietFailure: true,
  });
}

export function useChangeProject() {
  return useAct<ProjectChange, Schema<'ProjectRep'>>({
    doing: 'change the project',
    act: ({ projectKey, name, tags }) =>
      answered(
        api.PATCH('/api/v2/projects/{projectKey}', {
          params: { path: { projectKey } },
          body: [
            { op: 'replace', path: '/name', value: name },
            { op: 'replace', path: '/tags', value: tags },
          ],
        }),
      ),
    done: (project) => `Project ${project.name} is changed.`,
    touches: ['proj'],
    quietFailure: true,
  });
}

export function useDeleteProject() {
  return useAct<Schema<'ProjectRep'>>({
    doing: 'delete the project',
    act: ({ key }) => answered(api.DELETE('/api/v2/projects/{projectKey}', { params: { path: { projectKey: key } } })),
    done: (_, project) => `Project ${project.name} is deleted.`,
    touches: ['proj', 'env', 'flag', 'metric', 'experiment', 'token'],
    quietFailure: true,
  });
}
