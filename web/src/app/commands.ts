// Commands for what was typed: the pages that fit, the things found by name, and what can be done to them.
import { useMantineColorScheme } from '@mantine/core';
import {
  type Icon,
  IconActivity,
  IconAdjustments,
  IconFlag,
  IconFlask,
  IconFolders,
  IconHistory,
  IconKey,
  IconMoon,
  IconPlus,
  IconRuler2,
  IconSun,
  IconToggleLeft,
  IconToggleRight,
  IconUsers,
  IconWorld,
} from '@tabler/icons-react';
import { useNavigate, useParams } from '@tanstack/react-router';
import { remembered } from '@/lib/remembered';
import { useEnvironments } from '@/lib/workspace';
import type { Switching } from './FlagSwitch';
import { type FoundFlag, useFound } from './findings';
import { wish } from './wish';

export interface Command {
  id: string;
  label: string;
  description?: string;
  icon: Icon;
  run: () => void;
  /** For commands that ask something before they act. */
  staysOpen?: boolean;
}

export interface CommandGroup {
  label: string;
  commands: Command[];
}

const SHOWN = 8;

export function useCommands(text: string, onSwitch: (switching: Switching) => void) {
  const navigate = useNavigate();
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  const params = useParams({ strict: false });
  const last = remembered('place', { projectKey: 'default', environmentKey: '~' });
  const { projectKey = last.projectKey, environmentKey = last.environmentKey } = params;
  const environments = useEnvironments(projectKey);
  const { act, subject } = wish(text);
  const found = useFound(projectKey, environmentKey, subject);

  const go = (path: string) => () => void navigate({ href: path });
  const base = `/projects/${encodeURIComponent(projectKey)}/${encodeURIComponent(environmentKey)}`;
  const here = environments.find((each) => each.key === environmentKey)?.name ?? environmentKey;
  const fits = ({ label }: Command) => label.toLowerCase().includes(text.trim().toLowerCase());

  const acts = found.flags.flatMap((flag) =>
    switches(flag, act, here, () =>
      onSwitch({ projectKey, environmentKey, flagKey: flag.key, name: flag.name, turnOn: !flag.isOn }),
    ),
  );
  const things: Command[] = [
    ...found.flags.map((flag) => ({
      id: `flag ${flag.key}`,
      label: flag.name,
      description: `Flag ${flag.key} · targeting is ${flag.isOn ? 'on' : 'off'} in ${here}`,
      icon: IconFlag,
      run: go(`${base}/flags/${encodeURIComponent(flag.key)}`),
    })),
    ...found.experiments.map(({ key, name }) => ({
      id: `experiment ${key}`,
      label: name,
      description: `Experiment ${key}`,
      icon: IconFlask,
      run: go(`${base}/experiments/${encodeURIComponent(key)}`),
    })),
    ...found.metrics.map(({ key, name }) => ({
      id: `metric ${key}`,
      label: name,
      description: `Metric ${key}`,
      icon: IconRuler2,
      run: go(`${base}/metrics/${encodeURIComponent(key)}`),
    })),
  ];
  const isDark = colorScheme === 'dark';
  const doing: Command[] = [
    { id: 'new flag', label: 'Create a flag', icon: IconPlus, run: go(`${base}/flags?create=true`) },
    { id: 'new metric', label: 'Create a metric', icon: IconPlus, run: go(`${base}/metrics/new`) },
    { id: 'new experiment', label: 'Create an experiment', icon: IconPlus, run: go(`${base}/experiments/new`) },
    {
      id: 'scheme',
      label: isDark ? 'Use light colours' : 'Use dark colours',
      icon: isDark ? IconSun : IconMoon,
      run: () => setColorScheme(isDark ? 'light' : 'dark'),
    },
  ].filter(fits);
  const pages: Command[] = [
    { id: 'flags', label: 'Flags', icon: IconFlag, run: go(`${base}/flags`) },
    { id: 'experiments', label: 'Experiments', icon: IconFlask, run: go(`${base}/experiments`) },
    { id: 'metrics', label: 'Metrics', icon: IconRuler2, run: go(`${base}/metrics`) },
    { id: 'events', label: 'Live events', icon: IconActivity, run: go(`${base}/events`) },
    { id: 'settings', label: 'Environments and keys', icon: IconAdjustments, run: go(`${base}/settings`) },
    { id: 'projects', label: 'Projects', icon: IconFolders, run: go('/settings/projects') },
    { id: 'members', label: 'Members', icon: IconUsers, run: go('/settings/members') },
    { id: 'tokens', label: 'Access tokens', icon: IconKey, run: go('/settings/tokens') },
    { id: 'audit', label: 'Audit log', icon: IconHistory, run: go('/settings/audit') },
    ...environments
      .filter((each) => each.key !== environmentKey)
      .map((each) => ({
        id: `environment ${each.key}`,
        label: `Go to ${each.name}`,
        description: 'Environment',
        icon: IconWorld,
        run: go(`/projects/${encodeURIComponent(projectKey)}/${encodeURIComponent(each.key)}/flags`),
      })),
  ].filter(fits);

  const groups: CommandGroup[] = [
    { label: 'Do', commands: [...acts, ...doing].slice(0, SHOWN) },
    { label: 'Open', commands: act ? [] : things.slice(0, SHOWN) },
    { label: 'Pages', commands: act ? [] : pages.slice(0, 12) },
  ].filter(({ commands }) => commands.length > 0);
  return { groups, isSearching: found.isSearching };
}

/** The switch of a flag, where what was typed asks for it: nothing to offer for what is so already. */
function switches(flag: FoundFlag, act: 'on' | 'off' | undefined, here: string, run: () => void): Command[] {
  if (act === undefined || (act === 'on') === flag.isOn) return [];
  return [
    {
      id: `switch ${flag.key}`,
      label: `Turn ${act} “${flag.name}” in ${here}`,
      description: flag.key,
      icon: act === 'on' ? IconToggleRight : IconToggleLeft,
      run,
      staysOpen: true,
    },
  ];
}
