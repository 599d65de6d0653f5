// A time as people say it, with the exact one at hand.
import { Tooltip } from '@mantine/core';
import { useInterval } from '@mantine/hooks';
import { useState } from 'react';
import { ago, moment } from '@/lib/formats';

/** "3 minutes ago"; hovering gives the date. Kept up to date. */
export function Ago({ at }: { at: number }) {
  const [now, setNow] = useState(() => Date.now());
  useInterval(() => setNow(Date.now()), 15_000, { autoInvoke: true });
  return (
    <Tooltip label={moment(at)}>
      <time dateTime={new Date(at).toISOString()}>{ago(at, Math.max(now, at))}</time>
    </Tooltip>
  );
}
