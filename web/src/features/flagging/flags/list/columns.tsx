// The columns of the list of flags.
import { Anchor, Badge, Group, Stack, Text } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { Chip } from '@/components/Chip';
import type { Column } from '@/components/DataTable';
import { Ago } from '@/components/Moment';
import type { Schema } from '@/lib/api/client';
import type { Environment } from '@/lib/workspace';
import { nameOfMember } from '../people';
import type { Flag } from '../questions';
import { StatusChip } from '../StatusChip';
import { TurnSwitch } from '../TurnSwitch';

interface Facts {
  projectKey: string;
  environmentKey: string;
  /** Those whose switches are shown. */
  environments: Environment[];
  statuses: Map<string, Schema<'FlagStatusRep'>> | undefined;
}

export function columnsOf({ projectKey, environmentKey, environments, statuses }: Facts): Column<Flag>[] {
  return [
    {
      key: 'name',
      header: 'Flag',
      width: 'minmax(180px, 3fr)',
      sort: 'name',
      render: (flag) => <Named flag={flag} projectKey={projectKey} environmentKey={environmentKey} />,
    },
    {
      key: 'status',
      header: 'Use',
      width: '110px',
      wideOnly: true,
      render: (flag) => (flag.archived ? <Chip>archived</Chip> : <StatusChip status={statuses?.get(flag.key)} />),
    },
    ...environments.map(
      (environment): Column<Flag> => ({
        key: `on ${environment.key}`,
        header: environment.name,
        width: environments.length > 2 ? '100px' : '120px',
        wideOnly:
          environment.key !== (environments.find((each) => each.key === environmentKey) ?? environments[0])?.key,
        render: (flag) => (
          <TurnSwitch
            projectKey={projectKey}
            flagKey={flag.key}
            flagTags={flag.tags}
            environment={environment}
            on={flag.environments?.[environment.key]?.on ?? false}
            isArchived={flag.archived}
          />
        ),
      }),
    ),
    {
      key: 'maintainer',
      header: 'Maintainer',
      width: 'minmax(110px, 1fr)',
      wideOnly: true,
      render: (flag) => <Text size="sm">{maintainerOf(flag)}</Text>,
    },
    {
      key: 'created',
      header: 'Created',
      width: '130px',
      sort: 'creationDate',
      wideOnly: true,
      render: (flag) => (
        <Text size="sm">
          <Ago at={flag.creationDate} />
        </Text>
      ),
    },
  ];
}

function Named({ flag, projectKey, environmentKey }: { flag: Flag; projectKey: string; environmentKey: string }) {
  return (
    <Stack gap={2}>
      <Group gap={6}>
        <Anchor
          component={Link}
          to={`/projects/${encodeURIComponent(projectKey)}/${encodeURIComponent(environmentKey)}/flags/${encodeURIComponent(flag.key)}`}
          fw={600}
          size="sm"
        >
          {flag.name}
        </Anchor>
        {flag.deprecated && <Chip tone="warn">deprecated</Chip>}
        {flag.tags.slice(0, 3).map((tag) => (
          <Badge key={tag} size="sm" variant="outline" color="gray" tt="none" fw={500} className="chip chip-plain">
            {tag}
          </Badge>
        ))}
        {flag.tags.length > 3 && (
          <Text size="xs" c="dimmed">
            and {flag.tags.length - 3} more
          </Text>
        )}
      </Group>
      <Text size="xs" c="dimmed" ff="monospace">
        {flag.key}
      </Text>
    </Stack>
  );
}

function maintainerOf(flag: Flag): string {
  if (flag._maintainer) return nameOfMember(flag._maintainer);
  return flag._maintainerTeam?.name ?? 'Nobody';
}
