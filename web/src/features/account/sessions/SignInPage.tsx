// The way in, and what to do for whoever has none yet.
import { Alert, Code, Text } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { useRouter } from '@tanstack/react-router';
import { type Session, useBeginSession, useSession } from '@/lib/session';
import { Entrance } from './Entrance';
import { ownPath } from './ownPath';
import { signInRoute } from './routes';
import { SignInForm } from './SignInForm';

export function SignInPage() {
  const { then } = signInRoute.useSearch();
  const enter = useEnter();
  const ownerHasPassword = useSession()?.ownerHasPassword ?? true;
  return (
    <Entrance title="Sign in">
      {!ownerHasPassword && (
        <Alert role="note" title="First time here?">
          <Text size="sm">
            The owner sets a password with the link that the server printed when it started. Without it at hand,{' '}
            <Code>flaghoist sign-in-link</Code> prints a new one.
          </Text>
        </Alert>
      )}
      <SignInForm onSignedIn={(session) => enter(session, ownPath(then))} />
      {ownerHasPassword && (
        <Text size="sm" c="dimmed">
          No password, or forgotten? Whoever runs this server can make you a link:{' '}
          <Code>flaghoist sign-in-link --email you@example.com</Code>
        </Text>
      )}
    </Entrance>
  );
}

/** Go in as somebody who has just signed in; nothing that another person was told stays known. */
export function useEnter(): (session: Session, path: string) => void {
  const client = useQueryClient();
  const router = useRouter();
  const begin = useBeginSession();
  return (session, path) => {
    client.clear();
    begin(session);
    router.history.replace(path);
  };
}
