// E-mail and password; what fails is told here, and too many attempts with the time left to wait.
import { Alert, Button, PasswordInput, Stack, Text, TextInput } from '@mantine/core';
import { useInterval } from '@mantine/hooks';
import { type FormEvent, useEffect, useRef, useState } from 'react';
import { ApiError, messageOf } from '@/lib/api/errors';
import type { Session } from '@/lib/session';
import { useSignIn } from './acts';
import { waitLeft } from './wait';

interface Props {
  /** Whose password is asked for, where only theirs will do. */
  onlyFor?: string;
  onSignedIn: (session: Session) => void;
}

export function SignInForm({ onlyFor, onSignedIn }: Props) {
  const [email, setEmail] = useState(onlyFor ?? '');
  const [password, setPassword] = useState('');
  const signIn = useSignIn();
  const left = useTimeLeft(signIn.error);
  const field = useRef<HTMLInputElement>(null);

  const submit = (event: FormEvent) => {
    event.preventDefault();
    signIn.mutate({ email, password }, { onSuccess: onSignedIn, onError: () => field.current?.select() });
  };

  return (
    <form onSubmit={submit}>
      <Stack>
        {signIn.error && <Refusal error={signIn.error} left={left} />}
        <TextInput
          label="E-mail"
          type="email"
          name="email"
          autoComplete="username"
          required
          withAsterisk={false}
          readOnly={onlyFor !== undefined}
          value={email}
          onChange={(event) => setEmail(event.currentTarget.value)}
          autoFocus={onlyFor === undefined}
        />
        <PasswordInput
          ref={field}
          label="Password"
          name="password"
          autoComplete="current-password"
          required
          withAsterisk={false}
          value={password}
          onChange={(event) => setPassword(event.currentTarget.value)}
          visibilityToggleButtonProps={{ 'aria-label': 'Show or hide the password' }}
          data-autofocus={onlyFor === undefined ? undefined : true}
        />
        <Button type="submit" loading={signIn.isPending} disabled={left !== ''}>
          {left ? `Wait ${left}` : 'Sign in'}
        </Button>
      </Stack>
    </form>
  );
}

function Refusal({ error, left }: { error: Error; left: string }) {
  const isResting = error instanceof ApiError && error.status === 429;
  if (isResting && !left) return <Alert color="blue">You can try again now.</Alert>;
  return (
    <Alert color="red" role="alert" title={isResting ? 'Too many attempts' : 'Could not sign in'}>
      <Text size="sm">
        {isResting ? 'To keep guessers out, signing in rests for a while.' : `${capitalised(messageOf(error))}.`}
      </Text>
    </Alert>
  );
}

/** How long a refusal asks to wait, counting down; empty when there is nothing to wait for. */
function useTimeLeft(error: Error | null): string {
  const [endsAt, setEndsAt] = useState(0);
  const [now, setNow] = useState(0);
  const ticking = useInterval(() => setNow(Date.now()), 1000);
  const seconds = error instanceof ApiError && error.status === 429 ? (error.retryAfter ?? 60) : 0;
  // biome-ignore lint/correctness/useExhaustiveDependencies: the clock starts with each refusal, and with nothing else
  useEffect(() => {
    setNow(Date.now());
    setEndsAt(seconds ? Date.now() + seconds * 1000 : 0);
    if (seconds) ticking.start();
    return ticking.stop;
  }, [error]);
  return endsAt ? waitLeft((endsAt - now) / 1000) : '';
}

function capitalised(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1).replace(/\.$/, '');
}
