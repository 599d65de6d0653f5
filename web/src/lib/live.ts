// What changes on the server appears here without reload: one stream per browser, shared by its tabs.
import type { QueryClient } from '@tanstack/react-query';

/** A change as the stream tells it; `address` is in the policy language's spelling. */
export interface Change {
  seq: number;
  address: string;
  kind: string;
  change: 'created' | 'updated' | 'deleted';
  version: number;
  actor: string;
  at: number;
}

type News = { change: Change } | { reset: true };
type Listener = (news: News) => void;

const CHANNEL = 'flaghoist-changes';
const AGAIN_AFTER_MS = 5_000;

/**
 * Follow the server's changes until the function it returns is called. Browsers allow six connections to a host, so
 * where they can agree (locks need a secure context) one tab holds the stream and tells the others.
 */
export function followChanges(client: QueryClient): () => void {
  const channel = new BroadcastChannel(CHANNEL);
  channel.onmessage = (message: MessageEvent<News>) => apply(client, message.data);
  const tell: Listener = (news) => {
    apply(client, news);
    channel.postMessage(news);
  };
  const ended = new AbortController();
  if (navigator.locks) {
    navigator.locks.request(CHANNEL, { signal: ended.signal }, () => hold(client, tell, ended.signal)).catch(() => {}); // ended before it was this tab's turn
  } else {
    void hold(client, tell, ended.signal);
  }
  return () => {
    ended.abort();
    channel.close();
  };
}

/**
 * Keep a stream open until told to end. Browsers reconnect after a broken connection by themselves and say where they
 * left off, but give up after an answer such as 503: then a new stream begins, and everything is read anew.
 */
async function hold(client: QueryClient, tell: Listener, ended: AbortSignal): Promise<void> {
  let isFirst = true;
  while (!ended.aborted) {
    await stream(tell, ended, !isFirst);
    isFirst = false;
    // Perhaps the session has ended: whoever asks about it learns so, and ends this.
    if (!ended.aborted) await client.invalidateQueries({ queryKey: ['session'] });
    await pause(AGAIN_AFTER_MS, ended);
  }
}

/** One stream, until the browser gives it up or it is told to end. */
function stream(tell: Listener, ended: AbortSignal, missedSome: boolean): Promise<void> {
  return new Promise((finish) => {
    const source = new EventSource('/internal/changes');
    const end = () => {
      source.close();
      finish();
    };
    if (missedSome) source.addEventListener('open', () => tell({ reset: true }), { once: true });
    source.addEventListener('change', (event) => tell({ change: JSON.parse(event.data) as Change }));
    source.addEventListener('reset', () => tell({ reset: true }));
    source.addEventListener('error', () => source.readyState === EventSource.CLOSED && end());
    ended.addEventListener('abort', end, { once: true });
  });
}

function pause(milliseconds: number, ended: AbortSignal): Promise<void> {
  return new Promise((finish) => {
    if (ended.aborted) finish();
    const timer = setTimeout(finish, milliseconds);
    ended.addEventListener('abort', () => {
      clearTimeout(timer);
      finish();
    });
  });
}

function apply(client: QueryClient, news: News): void {
  if ('reset' in news) {
    void client.invalidateQueries();
    return;
  }
  const { address } = news.change;
  const kinds = touchedBy(address);
  const project = stepOf(address, 'proj');
  void client.invalidateQueries({
    predicate: ({ queryKey: [kind, projectKey] }) =>
      kinds.has(String(kind)) && (!project || !projectKey || projectKey === project),
  });
}

/** The kinds of questions whose answers a change at an address may alter. */
export function touchedBy(address: string): Set<string> {
  const kind = (address.split(':').at(-1) ?? '').split('/')[0] ?? '';
  const kinds = new Set([kind, 'audit']);
  for (const each of ALSO[kind] ?? []) kinds.add(each);
  return kinds;
}

const ALSO: Record<string, string[]> = {
  flag: ['experiment'],
  metric: ['experiment', 'metric-group'],
  experiment: ['flag', 'metric', 'results'],
  env: ['proj', 'flag'],
  member: ['may', 'session'],
  role: ['may', 'member'],
  'service-token': ['token'],
};

function stepOf(address: string, kind: string): string | undefined {
  const step = address.split(':').find((each) => each.startsWith(`${kind}/`));
  return step?.slice(kind.length + 1);
}
