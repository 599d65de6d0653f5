// What the list says of each token.
import { Group, Stack, Text } from '@mantine/core';
import { Chip } from '@/components/Chip';
import { Ago } from '@/components/Moment';
import { date } from '@/lib/formats';
import { limitsTold } from './limits';
import { type Token, useCustomRoles } from './questions';

export function Name({ token }: { token: Token }) {
  return (
    <Stack gap={0} style={{ minWidth: 0 }}>
      <Group gap={6} wrap="nowrap">
        <Text size="sm" fw={600} truncate>
          {token.name || 'Unnamed'}
        </Text>
        {token.serviceToken && <Chip tone="info">Service</Chip>}
      </Group>
      <Text size="xs" c="dimmed" truncate>
        Ends in {token.token}
        {token.description && ` · ${token.description}`}
      </Text>
    </Stack>
  );
}

export function Limits({ token }: { token: Token }) {
  return <Text size="sm">{limitsTold(token, useCustomRoles())}</Text>;
}

export function LastUsed({ token }: { token: Token }) {
  return <Text size="sm">{token.lastUsed ? <Ago at={token.lastUsed} /> : 'Never'}</Text>;
}

export function Expiry({ token }: { token: Token }) {
  if (!token.expiry) return <Text size="sm">Never</Text>;
  if (token.expiry <= Date.now()) return <Chip tone="bad">Has ended</Chip>;
  return <Text size="sm">{date(token.expiry)}</Text>;
}
