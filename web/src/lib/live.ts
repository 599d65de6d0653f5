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
    navigator.locks.request(CHANNEL, { signal: ended.signal }, () => hold(tell, ended.signal)).catch(() => {}); // ended before it was this tab's turn
  } else {
    void hold(tell, ended.signal);
  }
  return () => {
    ended.abort();
    channel.close();
  };
}

/** Keep a stream open until told to end; the browser reconnects by itself and says where it left off. */
function hold(tell: Listener, ended: AbortSignal): Promise<void> {
  return new Promise((finish) => {
    const stream = new EventSource('/internal/changes');
    stream.addEventListener('change', (event) => tell({ change: JSON.parse(event.data) as Change }));
    stream.addEventListener('reset', () => tell({ reset: true }));
    ended.addEventListener('abort', () => {
      stream.close();
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
