// The project and environment that the page is about, and the way to others.
import { Box, Button, Menu, ScrollArea, Text, TextInput } from '@mantine/core';
import { IconCheck, IconChevronDown, IconSettings } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { Link, useNavigate, useParams, useRouterState } from '@tanstack/react-router';
import { type ReactNode, useState } from 'react';
import { projectsQuestion, useEnvironments } from '@/lib/workspace';

/** Which project this is; on narrow screens it stands in the menu. */
export function WhichProject() {
  const { projectKey } = useParams({ strict: false });
  return projectKey ? <ProjectSwitch projectKey={projectKey} /> : null;
}

/** Which environment this is: always in sight, so that nobody mistakes production for another. */
export function WhichEnvironment() {
  const { projectKey, environmentKey } = useParams({ strict: false });
  if (!projectKey || !environmentKey) return null;
  return <EnvironmentSwitch projectKey={projectKey} environmentKey={environmentKey} />;
}

function ProjectSwitch({ projectKey }: { projectKey: string }) {
  const navigate = useNavigate();
  const { data: projects = [] } = useQuery(projectsQuestion);
  const section = useSection();
  const current = projects.find((each) => each.key === projectKey);
  return (
    <Switcher
      what="project"
      label={current?.name ?? projectKey}
      choices={projects.map(({ key, name }) => ({ key, name }))}
      chosen={projectKey}
      onChoose={(key) => navigate({ href: `/projects/${encodeURIComponent(key)}/~/${section}` })}
    >
      <Menu.Divider />
      <Menu.Item component={Link} to="/settings/projects" leftSection={<IconSettings size={16} />}>
        All projects
      </Menu.Item>
    </Switcher>
  );
}

function EnvironmentSwitch({ projectKey, environmentKey }: { projectKey: string; environmentKey: string }) {
  const navigate = useNavigate();
  const environments = useEnvironments(projectKey);
  const here = useRouterState({ select: (state) => state.location });
  const current = environments.find((each) => each.key === environmentKey);
  const choose = (key: string) => {
    const parts = here.pathname.split('/');
    parts[3] = encodeURIComponent(key);
    // An experiment lives in one environment only: its page has no counterpart in another.
    const path = parts[4] === 'experiments' ? parts.slice(0, 5) : parts;
    void navigate({ href: path.join('/') + (path === parts ? here.searchStr : '') });
  };
  return (
    <Switcher
      what="environment"
      label={current?.name ?? environmentKey}
      color={current && `#${current.color}`}
      choices={environments.map(({ key, name, color }) => ({ key, name, color: `#${color}` }))}
      chosen={environmentKey}
      onChoose={choose}
    />
  );
}

/** The section of a project that is open: flags, metrics, … */
function useSection(): string {
  const section = useRouterState({ select: (state) => state.location.pathname.split('/')[4] });
  return section ?? 'flags';
}

interface SwitcherProps {
  what: string;
  label: string;
  color?: string;
  choices: { key: string; name: string; color?: string }[];
  chosen: string;
  onChoose: (key: string) => void;
  children?: ReactNode;
}

function Switcher({ what, label, color, choices, chosen, onChoose, children }: SwitcherProps) {
  const [wanted, setWanted] = useState('');
  const shown = choices.filter(({ key, name }) => `${key} ${name}`.toLowerCase().includes(wanted.toLowerCase()));
  return (
    <Menu position="bottom-start" width={260} onClose={() => setWanted('')} trapFocus>
      <Menu.Target>
        <Button
          variant="default"
          size="xs"
          px={8}
          aria-label={`${what[0]?.toUpperCase()}${what.slice(1)}: ${label}`}
          leftSection={color && <Dot color={color} />}
          rightSection={<IconChevronDown size={14} />}
          style={{ minWidth: 0, flexShrink: 1 }}
        >
          <Text size="sm" truncate maw={160}>
            {label}
          </Text>
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        {choices.length > 7 && (
          <Box p={4}>
            <TextInput
              size="xs"
              aria-label={`Find a ${what}`}
              placeholder={`Find a ${what}`}
              value={wanted}
              onChange={(event) => setWanted(event.currentTarget.value)}
            />
          </Box>
        )}
        <ScrollArea.Autosize mah={320}>
          {shown.map((each) => (
            <Menu.Item
              key={each.key}
              onClick={() => onChoose(each.key)}
              leftSection={each.color && <Dot color={each.color} />}
              rightSection={each.key === chosen && <IconCheck size={14} aria-label="chosen" />}
            >
              {each.name}
            </Menu.Item>
          ))}
        </ScrollArea.Autosize>
        {children}
      </Menu.Dropdown>
    </Menu>
  );
}

function Dot({ color }: { color: string }) {
  return <Box component="span" aria-hidden w={10} h={10} bg={color} style={{ borderRadius: 3, flex: 'none' }} />;
}
