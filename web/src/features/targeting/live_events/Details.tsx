// All that is known of one event, and where to go from it.
import { Alert, Anchor, Group, Stack, Text } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { CodeBlock } from '@/components/Copyable';
import { moment } from '@/lib/formats';
import { type LiveEvent, origin, whom } from './events';
import classes from './LiveEvents.module.css';

interface Props {
  projectKey: string;
  environmentKey: string;
  event: LiveEvent;
}

export function Details({ projectKey, environmentKey, event }: Props) {
  const base = `/projects/${encodeURIComponent(projectKey)}/${encodeURIComponent(environmentKey)}`;
  const flags = [...new Set((event.evaluations ?? []).map(({ flag }) => flag))].slice(0, 10);
  return (
    <Stack gap="sm" className={classes.details}>
      {event.fate !== 'accepted' && (
        <Alert color={event.fate === 'rejected' ? 'red' : 'gray'} title={FATES[event.fate]}>
          This event is not counted: {event.why}.
        </Alert>
      )}
      <Text size="sm" component="div">
        Received {moment(event.receivedAt)} from {origin(event.source)}
        {whom(event) && `, about ${whom(event)}`}.{lateness(event)}
      </Text>
      <Group gap="md">
        {event.kind === 'custom' && event.key && event.fate === 'accepted' && (
          <Anchor component={Link} size="sm" to={`${base}/metrics/new?${new URLSearchParams({ eventKey: event.key })}`}>
            Create a metric from {event.key}
          </Anchor>
        )}
        {flags.map((flag) => (
          <Anchor key={flag} component={Link} size="sm" to={`${base}/flags/${encodeURIComponent(flag)}`}>
            Flag {flag}
          </Anchor>
        ))}
      </Group>
      {event.received !== undefined ? (
        <CodeBlock code={JSON.stringify(event.received, null, 2)} label="the event as it came" />
      ) : (
        event.kind !== 'request' && (
          <Text size="sm" c="dimmed">
            The event is too long to be shown as it came.
          </Text>
        )
      )}
    </Stack>
  );
}

const FATES = { rejected: 'Not counted', ignored: 'Not measured' };
const LATE_MS = 60_000;

function lateness({ createdAt, receivedAt }: LiveEvent): string {
  if (typeof createdAt !== 'number' || Math.abs(receivedAt - createdAt) < LATE_MS) return '';
  const minutes = Math.round(Math.abs(receivedAt - createdAt) / 60_000);
  return createdAt < receivedAt
    ? ` It says it happened ${minutes} min before it arrived.`
    : ` Its clock is ${minutes} min ahead of the server’s.`;
}
