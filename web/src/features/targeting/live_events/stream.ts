// The stream of an environment's events, kept open while somebody looks at it.
import { useCallback, useEffect, useReducer, useRef, useState } from 'react';
import type { LiveEvent } from './events';
import { type Filter, streamUrl } from './filter';
import { EMPTY_TAPE, type News, record, release, type Tape } from './tape';

const SHOW_EVERY_MS = 200;
const AGAIN_AFTER_MS = 3_000;
/** What comes this soon after opening came earlier, and says nothing of how fast events come now. */
const BACKLOG_MS = 700;

export type Connection = 'connecting' | 'open' | 'lost';
type Step = { news: News; isHeld: boolean; isBacklog: boolean; at: number } | { release: true } | { clear: true };

export interface LiveEvents {
  tape: Tape;
  connection: Connection;
  release: () => void;
  clear: () => void;
}

/** Events as they come; while `isHeld` they wait. A hidden tab closes its stream, and catches up when it is back. */
export function useLiveEvents(projectKey: string, environmentKey: string, filter: Filter, isHeld: boolean): LiveEvents {
  const [tape, tell] = useReducer(step, EMPTY_TAPE);
  const [connection, setConnection] = useState<Connection>('connecting');
  const held = useRef(isHeld);
  const last = useRef<string | undefined>(undefined);
  const arrivals = useRef(0);
  held.current = isHeld;
  const { kind, key, q, problems } = filter;

  useEffect(() => {
    tell({ clear: true });
    last.current = undefined;
    setConnection('connecting');
    const news: News = { events: [], skipped: 0 };
    const showing = setInterval(() => {
      if (news.events.length === 0 && news.skipped === 0) return;
      const at = Date.now();
      tell({ news: { ...news }, isHeld: held.current, isBacklog: at - openedAt < BACKLOG_MS, at });
      news.events = [];
      news.skipped = 0;
    }, SHOW_EVERY_MS);

    let stream: EventSource | undefined;
    let openedAt = 0;
    let again: ReturnType<typeof setTimeout> | undefined;
    const close = () => {
      clearTimeout(again);
      stream?.close();
      stream = undefined;
    };
    const open = () => {
      close();
      const opened = new EventSource(streamUrl(projectKey, environmentKey, { kind, key, q, problems }, last.current));
      stream = opened;
      opened.onopen = () => {
        openedAt = Date.now();
        setConnection('open');
      };
      opened.onerror = () => {
        setConnection('lost');
        // A refusal ends it for good; any other loss the browser mends by itself.
        if (opened.readyState === EventSource.CLOSED) again = setTimeout(open, AGAIN_AFTER_MS);
      };
      opened.addEventListener('event', (message: MessageEvent<string>) => {
        last.current = message.lastEventId;
        arrivals.current += 1;
        news.events.push({ ...(JSON.parse(message.data) as LiveEvent), seq: arrivals.current });
      });
      opened.addEventListener('skipped', (message: MessageEvent<string>) => {
        news.skipped += (JSON.parse(message.data) as { events: number }).events;
      });
    };
    const follow = () => (document.hidden ? close() : open());
    follow();
    document.addEventListener('visibilitychange', follow);
    return () => {
      document.removeEventListener('visibilitychange', follow);
      clearInterval(showing);
      close();
    };
  }, [projectKey, environmentKey, kind, key, q, problems]);

  const letGo = useCallback(() => tell({ release: true }), []);
  const clear = useCallback(() => tell({ clear: true }), []);
  return { tape, connection, release: letGo, clear };
}

function step(tape: Tape, taken: Step): Tape {
  if ('clear' in taken) return EMPTY_TAPE;
  return 'release' in taken ? release(tape) : record(tape, taken.news, taken);
}
