// What to do, and why: the first thing one reads.
import { Alert, Text, Title } from '@mantine/core';
import { IconAlertTriangle, IconCircleCheck, IconHourglass, IconScale } from '@tabler/icons-react';
import type { Advice } from './advice';

const LOOKS = {
  good: { color: 'green', icon: <IconCircleCheck aria-hidden /> },
  bad: { color: 'red', icon: <IconAlertTriangle aria-hidden /> },
  warn: { color: 'orange', icon: <IconScale aria-hidden /> },
  info: { color: 'blue', icon: <IconHourglass aria-hidden /> },
} as const;

export function Conclusion({ advice }: { advice: Advice }) {
  const { color, icon } = LOOKS[advice.tone];
  return (
    <Alert color={color} variant="light" icon={icon} role="status" aria-label="Conclusion">
      <Title order={2} size="h3" mb={4}>
        {advice.headline}
      </Title>
      <Text>{advice.reason}</Text>
      {advice.next && (
        <Text size="sm" c="dimmed" mt={6}>
          {advice.next}
        </Text>
      )}
    </Alert>
  );
}
