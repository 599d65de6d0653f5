// The newest events first; only the rows in view exist, so a thousand a second stay smooth.
import { Paper, UnstyledButton } from '@mantine/core';
import { IconChevronDown, IconChevronRight } from '@tabler/icons-react';
import { useWindowVirtualizer } from '@tanstack/react-virtual';
import { memo, useLayoutEffect, useRef, useState } from 'react';
import { Chip } from '@/components/Chip';
import { Details } from './Details';
import { gist, type LiveEvent, whom } from './events';
import classes from './LiveEvents.module.css';

interface Props {
  projectKey: string;
  environmentKey: string;
  events: LiveEvent[];
  /** The event whose details are open. */
  opened: number | undefined;
  onOpen: (seq: number | undefined) => void;
}

export function Stream({ projectKey, environmentKey, events, opened, onOpen }: Props) {
  const body = useRef<HTMLUListElement>(null);
  const [margin, setMargin] = useState(0);
  useLayoutEffect(() => setMargin(body.current?.offsetTop ?? 0), []);
  const rows = useWindowVirtualizer({
    count: events.length,
    estimateSize: () => 44,
    overscan: 10,
    scrollMargin: margin,
    getItemKey: (place) => events[place]?.seq ?? place,
  });
  return (
    <Paper withBorder radius="md" style={{ overflow: 'hidden' }}>
      <ul
        ref={body}
        className={classes.list}
        style={{ height: rows.getTotalSize() }}
        aria-label="Events, the newest first"
      >
        {rows.getVirtualItems().map((item) => {
          const event = events[item.index];
          if (!event) return null;
          const isOpen = event.seq === opened;
          return (
            <li
              key={item.key}
              ref={rows.measureElement}
              data-index={item.index}
              className={classes.item}
              style={{ transform: `translateY(${item.start - margin}px)` }}
            >
              <Line event={event} isOpen={isOpen} onOpen={onOpen} />
              {isOpen && <Details projectKey={projectKey} environmentKey={environmentKey} event={event} />}
            </li>
          );
        })}
      </ul>
    </Paper>
  );
}

type LineProps = { event: LiveEvent; isOpen: boolean; onOpen: (seq: number | undefined) => void };

const Line = memo(function Line({ event, isOpen, onOpen }: LineProps) {
  return (
    <UnstyledButton
      className={classes.line}
      aria-expanded={isOpen}
      onClick={() => onOpen(isOpen ? undefined : event.seq)}
    >
      <span className={classes.chevron} aria-hidden>
        {isOpen ? <IconChevronDown size={14} /> : <IconChevronRight size={14} />}
      </span>
      <time className={classes.time} dateTime={new Date(event.receivedAt).toISOString()}>
        {clockTime(event.receivedAt)}
      </time>
      <span className={classes.kind}>{event.kind}</span>
      <span className={classes.key}>{event.key}</span>
      <span className={classes.whom}>{whom(event)}</span>
      <span className={classes.gist}>
        {event.fate === 'rejected' && <Chip tone="bad">Not counted</Chip>}
        {event.fate === 'ignored' && <Chip>Not measured</Chip>}
        <span className={classes.said}>{event.why ?? gist(event)}</span>
      </span>
    </UnstyledButton>
  );
});

/** 14:03:07.250 */
function clockTime(milliseconds: number): string {
  const at = new Date(milliseconds);
  const two = (value: number) => String(value).padStart(2, '0');
  const time = [at.getHours(), at.getMinutes(), at.getSeconds()].map(two).join(':');
  return `${time}.${String(at.getMilliseconds()).padStart(3, '0')}`;
}
