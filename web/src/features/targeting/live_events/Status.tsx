// How the stream stands: open or lost, how fast, and what waits to be shown.
import { Button, Group, Text } from '@mantine/core';
import { useInterval } from '@mantine/hooks';
import { useState } from 'react';
import { Chip } from '@/components/Chip';
import { count, counted } from '@/lib/formats';
import classes from './LiveEvents.module.css';
import type { Connection } from './stream';
import { rate, type Tape } from './tape';

interface Props {
  tape: Tape;
  connection: Connection;
  isPaused: boolean;
  isHeld: boolean;
  onGoOn: () => void;
}

export function Status({ tape, connection, isPaused, isHeld, onGoOn }: Props) {
  const [now, setNow] = useState(() => Date.now());
  useInterval(() => setNow(Date.now()), 1_000, { autoInvoke: true });
  const perSecond = rate(tape, now);
  return (
    <Group className={classes.status} gap="sm" mih={40}>
      <State connection={connection} isPaused={isPaused} />
      <Text size="sm">
        {perSecond > 0 && perSecond < 1 ? 'less than 1' : count(perSecond)} {perSecond === 1 ? 'event' : 'events'} a
        second
      </Text>
      <Text size="sm" c="dimmed">
        {counted(tape.shown.length, 'event')} shown
        {tape.skipped > 0 && `, ${count(tape.skipped)} left out because more came than can be read`}
      </Text>
      {isHeld && tape.waiting > 0 && (
        <Button size="compact-sm" variant="light" onClick={onGoOn}>
          Show {counted(tape.waiting, 'new event')}
        </Button>
      )}
    </Group>
  );
}

function State({ connection, isPaused }: { connection: Connection; isPaused: boolean }) {
  if (connection === 'lost') return <Chip tone="bad">Connection lost, trying again</Chip>;
  if (connection === 'connecting') return <Chip>Connecting</Chip>;
  return isPaused ? <Chip tone="warn">Paused</Chip> : <Chip tone="good">Live</Chip>;
}
