// Who gets what, as a bar of the whole audience.
import { Box, Group, Text } from '@mantine/core';
import type { Design } from '../design';

const COLORS = ['#17806f', '#2f6fb3', '#8a5cb8', '#b3592f', '#6b7a1f', '#a33d6b'];

export function colorOf(place: number): string {
  return COLORS[place % COLORS.length] ?? '#17806f';
}

export function AllocationBar({ design }: { design: Design }) {
  const parts = design.treatments.map((each, place) => ({
    name: each.name,
    share: (each.share * design.audience) / 100,
    color: colorOf(place),
  }));
  const outside = 100 - design.audience;
  return (
    <div>
      <Box
        aria-hidden
        style={{ display: 'flex', height: 14, borderRadius: 7, overflow: 'hidden', background: 'var(--line-faint)' }}
      >
        {parts.map((part) => (
          <div key={part.color} style={{ width: `${part.share}%`, background: part.color }} />
        ))}
      </Box>
      <Group component="ul" gap="md" m={0} mt={6} p={0} style={{ listStyle: 'none' }}>
        {parts.map((part) => (
          <Key key={part.color} color={part.color} text={`${part.name}: ${Number(part.share.toFixed(2))}%`} />
        ))}
        {outside > 0 && (
          <Key color="var(--line-faint)" text={`not in the experiment: ${Number(outside.toFixed(2))}%`} />
        )}
      </Group>
    </div>
  );
}

function Key({ color, text }: { color: string; text: string }) {
  return (
    <Group component="li" gap={6} wrap="nowrap">
      <Box w={10} h={10} aria-hidden style={{ borderRadius: 3, background: color, border: '1px solid #8884' }} />
      <Text size="xs">{text}</Text>
    </Group>
  );
}
