// ✔ and ✘ with a word for those who see no marks: how a step went never rests on colour alone.
import { Badge, Group, Text } from '@mantine/core';
import { IconAlertTriangle, IconCheck, IconMinus, IconX } from '@tabler/icons-react';
import type { ReactNode } from 'react';

export type Mark = 'yes' | 'no' | 'broken' | 'skipped';

const SHAPES: Record<Mark, { icon: ReactNode; word: string; color: string; tone: string }> = {
  yes: { icon: <IconCheck size={14} />, word: 'matches', color: 'green', tone: 'good' },
  no: { icon: <IconX size={14} />, word: 'does not match', color: 'red', tone: 'bad' },
  broken: { icon: <IconAlertTriangle size={14} />, word: 'malformed', color: 'orange', tone: 'warn' },
  skipped: { icon: <IconMinus size={14} />, word: 'not asked', color: 'gray', tone: 'plain' },
};

/** The mark and its word; `word` says it better where one is given. */
export function MarkChip({ mark, word }: { mark: Mark; word?: string }) {
  const { icon, word: usual, color, tone } = SHAPES[mark];
  return (
    <Badge
      color={color}
      variant="light"
      radius="sm"
      tt="none"
      leftSection={icon}
      className={`chip chip-${tone}`}
      style={{ flexShrink: 0 }}
    >
      {word ?? usual}
    </Badge>
  );
}

interface StepProps {
  mark: Mark;
  word?: string;
  title: ReactNode;
  /** Said more quietly. */
  why?: ReactNode;
}

/** One step in a line. */
export function Step({ mark, word, title, why }: StepProps) {
  return (
    <Group gap="xs" align="baseline" wrap="wrap">
      <MarkChip mark={mark} word={word} />
      <Text size="sm" component="span" style={{ overflowWrap: 'anywhere' }}>
        {title}
        {why && (
          <Text span size="sm" c="dimmed">
            {' – '}
            {why}
          </Text>
        )}
      </Text>
    </Group>
  );
}
