// The pages of a project and of the account.
import { NavLink, Stack, Text } from '@mantine/core';
import {
  IconActivity,
  IconAdjustments,
  IconFlag,
  IconFlask,
  IconFolders,
  IconHistory,
  IconKey,
  IconRuler2,
  IconUsers,
} from '@tabler/icons-react';
import { Link, useLocation, useParams } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { remembered } from '@/lib/remembered';

export function Navigation() {
  const params = useParams({ strict: false });
  const last = remembered('place', { projectKey: 'default', environmentKey: '~' });
  const { projectKey = last.projectKey, environmentKey = last.environmentKey } = params;
  const base = `/projects/${encodeURIComponent(projectKey)}/${encodeURIComponent(environmentKey)}`;
  return (
    <Stack gap={2}>
      <Entry to={`${base}/flags`} icon={<IconFlag size={18} />} label="Flags" />
      <Entry to={`${base}/experiments`} icon={<IconFlask size={18} />} label="Experiments" />
      <Entry to={`${base}/metrics`} icon={<IconRuler2 size={18} />} label="Metrics" />
      <Entry to={`${base}/events`} icon={<IconActivity size={18} />} label="Live events" />
      <Entry to={`${base}/settings`} icon={<IconAdjustments size={18} />} label="Environments and keys" />
      <Text size="xs" fw={600} c="dimmed" px="sm" pt="md" pb={4}>
        Account
      </Text>
      <Entry to="/settings/projects" icon={<IconFolders size={18} />} label="Projects" />
      <Entry to="/settings/members" icon={<IconUsers size={18} />} label="Members" />
      <Entry to="/settings/tokens" icon={<IconKey size={18} />} label="Access tokens" />
      <Entry to="/settings/audit" icon={<IconHistory size={18} />} label="Audit log" />
    </Stack>
  );
}

function Entry({ to, icon, label }: { to: string; icon: ReactNode; label: string }) {
  const { pathname } = useLocation();
  const isHere = pathname === to || pathname.startsWith(`${to}/`);
  return (
    <NavLink
      component={Link}
      to={to}
      label={label}
      leftSection={icon}
      active={isHere}
      aria-current={isHere ? 'page' : undefined}
      style={{ borderRadius: 'var(--mantine-radius-md)' }}
    />
  );
}
