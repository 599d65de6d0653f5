// The environments of a project, each with its keys and rules, and the code that connects an SDK.
import { Group, Stack, Text, Title } from '@mantine/core';
import { IconPlus } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { Act } from '@/components/Act';
import { Answer } from '@/components/Answer';
import { Empty } from '@/components/Notices';
import { Page } from '@/components/Page';
import { SearchField } from '@/components/SearchField';
import { Snippets } from '@/components/Snippets';
import * as addresses from '@/lib/addresses';
import { counted } from '@/lib/formats';
import { type Environment, environmentsQuestion } from '@/lib/workspace';
import { CreateEnvironment } from './CreateEnvironment';
import { EnvironmentCard } from './EnvironmentCard';
import { environmentsRoute } from './routes';

const FEW = 6;

export function EnvironmentsPage() {
  const { projectKey, environmentKey } = environmentsRoute.useParams();
  const [isCreating, setCreating] = useState(false);
  const environments = useQuery(environmentsQuestion(projectKey));
  return (
    <Page
      title="Environments and keys"
      description="Each environment has its own targeting and its own keys. SDKs connect with a key, and so to one environment."
      actions={
        <Act
          leftSection={<IconPlus size={16} />}
          may={{ action: 'createEnvironment', resource: addresses.environment(projectKey, '*') }}
          onClick={() => setCreating(true)}
        >
          Create environment
        </Act>
      }
    >
      <Answer of={environments} what="the environments">
        {(all) => (
          <>
            <Cards projectKey={projectKey} environments={all} />
            <Connect
              projectKey={projectKey}
              environmentKey={environmentKey}
              name={all.find((each) => each.key === environmentKey)?.name ?? environmentKey}
            />
            <CreateEnvironment
              projectKey={projectKey}
              environments={all}
              opened={isCreating}
              onClose={() => setCreating(false)}
            />
          </>
        )}
      </Answer>
    </Page>
  );
}

function Cards({ projectKey, environments }: { projectKey: string; environments: Environment[] }) {
  const { q = '' } = environmentsRoute.useSearch();
  const navigate = environmentsRoute.useNavigate();
  const wanted = q.trim().toLowerCase();
  const shown = environments.filter(({ name, key, tags }) =>
    [name, key, ...tags].some((each) => each.toLowerCase().includes(wanted)),
  );
  return (
    <Stack>
      {(environments.length > FEW || q) && (
        <Group justify="space-between">
          <SearchField
            label="Find by name, key or tag"
            value={q}
            onSearch={(text) => void navigate({ search: { q: text || undefined }, replace: true })}
            w={{ base: '100%', xs: 320 }}
          />
          <Text size="sm" c="dimmed" aria-live="polite">
            {counted(shown.length, 'environment')}
          </Text>
        </Group>
      )}
      {shown.map((environment) => (
        <EnvironmentCard
          key={environment.key}
          projectKey={projectKey}
          environment={environment}
          isLast={environments.length === 1}
        />
      ))}
      {shown.length === 0 && (
        <Empty title={`No environment has “${q}” in its name, key or tags`}>Clear the search to see all of them.</Empty>
      )}
    </Stack>
  );
}

interface ConnectProps {
  projectKey: string;
  environmentKey: string;
  name: string;
}

function Connect({ projectKey, environmentKey, name }: ConnectProps) {
  return (
    <Stack gap="sm" component="section" aria-labelledby="connect">
      <Title order={2} size="h4" id="connect">
        Connect an SDK to {name}
      </Title>
      <Text size="sm" c="dimmed">
        Server-side SDKs take the SDK key, mobile SDKs the mobile key, browsers the client-side ID. All take the address
        of this server.
      </Text>
      <Snippets projectKey={projectKey} environmentKey={environmentKey} />
    </Stack>
  );
}
