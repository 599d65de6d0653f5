// Every project: find, open, create, rename, delete.
import { Anchor, Group, Stack, Text } from '@mantine/core';
import { IconPlus } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { Act } from '@/components/Act';
import { Answer } from '@/components/Answer';
import { Chip } from '@/components/Chip';
import { CopyableKey } from '@/components/Copyable';
import { type Column, DataTable } from '@/components/DataTable';
import { Empty } from '@/components/Notices';
import { Page } from '@/components/Page';
import { SearchField } from '@/components/SearchField';
import { count, counted } from '@/lib/formats';
import { type Project, projectsQuestion } from '@/lib/workspace';
import { CreateProject } from './CreateProject';
import { chosen, environmentCount } from './listing';
import { ProjectMenu } from './ProjectMenu';
import { projectsRoute } from './routes';

export function ProjectsPage() {
  const [isCreating, setCreating] = useState(false);
  const projects = useQuery(projectsQuestion);
  return (
    <Page
      title="Projects"
      description="A project holds the flags, metrics and experiments of one product, and its environments."
      actions={
        <Act
          leftSection={<IconPlus size={16} />}
          may={{ action: 'createProject', resource: 'proj/*' }}
          onClick={() => setCreating(true)}
        >
          Create project
        </Act>
      }
    >
      <Answer of={projects} what="the projects">
        {(all) => <List projects={all} />}
      </Answer>
      <CreateProject opened={isCreating} onClose={() => setCreating(false)} />
    </Page>
  );
}

function List({ projects }: { projects: Project[] }) {
  const { q, sort = 'name' } = projectsRoute.useSearch();
  const navigate = projectsRoute.useNavigate();
  const shown = chosen(projects, q, sort);
  return (
    <Stack gap="sm">
      <Group justify="space-between">
        <SearchField
          label="Find by name, key or tag"
          value={q ?? ''}
          onSearch={(text) =>
            void navigate({ search: (before) => ({ ...before, q: text || undefined }), replace: true })
          }
          w={{ base: '100%', xs: 320 }}
        />
        <Text size="sm" c="dimmed" aria-live="polite">
          {shown.length === projects.length
            ? counted(projects.length, 'project')
            : `${count(shown.length)} of ${counted(projects.length, 'project')}`}
        </Text>
      </Group>
      {projects.length === 0 ? (
        <Empty title="You may see no project">Ask an administrator for a role that lets you view one.</Empty>
      ) : shown.length === 0 ? (
        <Empty title={`No project has “${q}” in its name, key or tags`}>Clear the search to see all of them.</Empty>
      ) : (
        <DataTable
          label="Projects"
          columns={COLUMNS}
          total={shown.length}
          rowAt={(place) => shown[place]}
          rowKey={(project) => project.key}
          sort={sort}
          onSort={(by) => void navigate({ search: (before) => ({ ...before, sort: by }), replace: true })}
        />
      )}
    </Stack>
  );
}

const COLUMNS: Column<Project>[] = [
  {
    key: 'name',
    header: 'Name',
    sort: 'name',
    width: 'minmax(140px, 2fr)',
    render: (project) => (
      <Anchor component={Link} to={`/projects/${encodeURIComponent(project.key)}/~/flags`} fw={600} truncate>
        {project.name}
      </Anchor>
    ),
  },
  {
    key: 'key',
    header: 'Key',
    sort: 'key',
    width: 'minmax(160px, 1fr)',
    wideOnly: true,
    render: (project) => <CopyableKey value={project.key} what={`the key of ${project.name}`} />,
  },
  {
    key: 'environments',
    header: 'Environments',
    width: '130px',
    wideOnly: true,
    render: (project) => count(environmentCount(project) ?? 0),
  },
  {
    key: 'tags',
    header: 'Tags',
    width: 'minmax(100px, 1fr)',
    wideOnly: true,
    render: (project) => (
      <Group gap={4}>
        {project.tags.map((tag) => (
          <Chip key={tag}>{tag}</Chip>
        ))}
      </Group>
    ),
  },
  {
    key: 'acts',
    header: 'Actions',
    hideHeader: true,
    width: '52px',
    render: (project) => <ProjectMenu project={project} />,
  },
];
