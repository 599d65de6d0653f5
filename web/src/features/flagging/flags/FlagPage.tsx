// One flag: what it does in this environment, and everything about it, a tab for each.
import { Badge, Group, ScrollArea, Tabs, Text } from '@mantine/core';
import { type ComponentType, lazy, Suspense } from 'react';
import { Answer } from '@/components/Answer';
import { Chip } from '@/components/Chip';
import { CopyableKey } from '@/components/Copyable';
import { Waiting } from '@/components/Notices';
import { Page } from '@/components/Page';
import { type Environment, useEnvironment } from '@/lib/workspace';
import { type Flag, useFlag, useStatus } from './questions';
import { flagRoute } from './routes';
import { StatusChip } from './StatusChip';
import { TurnSwitch } from './TurnSwitch';
import { TABS, type Tab } from './tabs';

export interface TabProps {
  projectKey: string;
  environmentKey: string;
  flag: Flag;
}

const PANELS: Record<Tab, { label: string; Panel: ComponentType<TabProps> }> = {
  targeting: {
    label: 'Targeting',
    Panel: lazy(async () => ({ default: (await import('./targeting/TargetingTab')).TargetingTab })),
  },
  variations: {
    label: 'Variations',
    Panel: lazy(async () => ({ default: (await import('./variations/VariationsTab')).VariationsTab })),
  },
  explain: {
    label: 'Explain',
    Panel: lazy(async () => ({ default: (await import('./explain/ExplainTab')).ExplainTab })),
  },
  use: { label: 'Use in code', Panel: lazy(async () => ({ default: (await import('./use/UseTab')).UseTab })) },
  history: {
    label: 'History',
    Panel: lazy(async () => ({ default: (await import('./history/HistoryTab')).HistoryTab })),
  },
  settings: {
    label: 'Settings',
    Panel: lazy(async () => ({ default: (await import('./settings/SettingsTab')).SettingsTab })),
  },
};

export function FlagPage() {
  const { projectKey, environmentKey, flagKey } = flagRoute.useParams();
  const found = useFlag(projectKey, flagKey);
  if (found.data) return <Loaded projectKey={projectKey} environmentKey={environmentKey} flag={found.data} />;
  return (
    <Page title={flagKey} crumbs={crumbs(projectKey, environmentKey)}>
      <Answer of={found} what={`the flag ${flagKey}`}>
        {() => null}
      </Answer>
    </Page>
  );
}

function crumbs(projectKey: string, environmentKey: string) {
  const to = `/projects/${encodeURIComponent(projectKey)}/${encodeURIComponent(environmentKey)}/flags`;
  return [{ label: 'Flags', to }];
}

function Loaded({ projectKey, environmentKey, flag }: TabProps) {
  const environment = useEnvironment(projectKey, environmentKey);
  const { tab = 'targeting' } = flagRoute.useSearch();
  const navigate = flagRoute.useNavigate();
  return (
    <Page
      title={flag.name}
      crumbs={crumbs(projectKey, environmentKey)}
      status={<Standing projectKey={projectKey} environmentKey={environmentKey} flag={flag} />}
      description={
        <Group gap="md">
          <CopyableKey value={flag.key} what="the flag's key" />
          {flag.description && <Text size="sm">{flag.description}</Text>}
        </Group>
      }
      actions={
        environment && tab !== 'targeting' && <Turn projectKey={projectKey} environment={environment} flag={flag} />
      }
    >
      <Tabs
        value={tab}
        onChange={(next) => next && void navigate({ search: (known) => ({ ...known, tab: next as Tab }) })}
        keepMounted={false}
      >
        <ScrollArea type="never">
          <Tabs.List style={{ flexWrap: 'nowrap' }}>
            {TABS.map((each) => (
              <Tabs.Tab key={each} value={each}>
                {PANELS[each].label}
              </Tabs.Tab>
            ))}
          </Tabs.List>
        </ScrollArea>
        {TABS.map((each) => {
          const { Panel } = PANELS[each];
          return (
            <Tabs.Panel key={each} value={each} pt="lg">
              <Suspense fallback={<Waiting what={PANELS[each].label} />}>
                <Panel projectKey={projectKey} environmentKey={environmentKey} flag={flag} />
              </Suspense>
            </Tabs.Panel>
          );
        })}
      </Tabs>
    </Page>
  );
}

function Standing({ projectKey, environmentKey, flag }: TabProps) {
  const status = useStatus(projectKey, environmentKey, flag.key);
  return (
    <Group gap={6}>
      {flag.archived ? <Chip tone="warn">archived</Chip> : <StatusChip status={status.data} />}
      {flag.deprecated && <Chip tone="warn">deprecated</Chip>}
      <Chip>{flag.temporary ? 'temporary' : 'permanent'}</Chip>
      {flag.tags.map((tag) => (
        <Badge key={tag} variant="outline" color="gray" tt="none" fw={500} className="chip chip-plain">
          {tag}
        </Badge>
      ))}
    </Group>
  );
}

function Turn({ projectKey, environment, flag }: { projectKey: string; environment: Environment; flag: Flag }) {
  const on = flag.environments?.[environment.key]?.on ?? false;
  return (
    <TurnSwitch
      projectKey={projectKey}
      flagKey={flag.key}
      flagTags={flag.tags}
      environment={environment}
      on={on}
      isArchived={flag.archived}
      label={`Targeting is ${on && !flag.archived ? 'on' : 'off'} in ${environment.name}`}
    />
  );
}
