// A small word that says how something stands; its colour never says more than the word.
import { Badge, Tooltip } from '@mantine/core';

export type Tone = 'good' | 'bad' | 'warn' | 'info' | 'plain';

const COLORS: Record<Tone, string> = { good: 'green', bad: 'red', warn: 'orange', info: 'blue', plain: 'gray' };

export function Chip({ tone = 'plain', children, why }: { tone?: Tone; children: string; why?: string }) {
  const badge = (
    <Badge
      color={COLORS[tone]}
      variant="light"
      radius="sm"
      tt="none"
      className={`chip chip-${tone}`}
      style={{ flex: 'none' }}
    >
      {children}
    </Badge>
  );
  return why ? (
    <Tooltip label={why} multiline maw={300}>
      {badge}
    </Tooltip>
  ) : (
    badge
  );
}
