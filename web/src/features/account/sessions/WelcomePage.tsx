// Where a one-time link leads: its member sets a password and is in.
import { Anchor, Button, Code, Group, PasswordInput, Stack, Text, TextInput } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { type FormEvent, useState } from 'react';
import { Failure, Waiting } from '@/components/Notices';
import type { Schema } from '@/lib/api/client';
import { ApiError } from '@/lib/api/errors';
import { moment } from '@/lib/formats';
import { PASSWORD_RULE, passwordFault } from '@/lib/passwords';
import { useLink } from './acts';
import { Entrance } from './Entrance';
import { useSignInLink } from './questions';
import { welcomeRoute } from './routes';
import { useEnter } from './SignInPage';

export function WelcomePage() {
  const { token = '' } = welcomeRoute.useSearch();
  const link = useSignInLink(token);
  if (!token || (link.error instanceof ApiError && link.error.status === 404)) return <Ended />;
  if (link.error) {
    return (
      <Entrance title="Welcome">
        <Failure error={link.error} doing="look at this link" onRetry={() => void link.refetch()} />
      </Entrance>
    );
  }
  return (
    <Entrance title={link.data?.hasPassword ? 'Set a new password' : 'Welcome'}>
      {link.data ? <Welcome token={token} link={link.data} /> : <Waiting lines={4} what="your link" />}
    </Entrance>
  );
}

function Welcome({ token, link }: { token: string; link: Schema<'SignInLinkRep'> }) {
  const [firstName, setFirstName] = useState(link.firstName);
  const [lastName, setLastName] = useState(link.lastName);
  const [password, setPassword] = useState('');
  const [wasTried, setTried] = useState(false);
  const use = useLink();
  const enter = useEnter();
  const fault = passwordFault(password, link.email);

  const submit = (event: FormEvent) => {
    event.preventDefault();
    setTried(true);
    if (fault) return;
    use.mutate({ token, password, firstName, lastName }, { onSuccess: (session) => enter(session, '/') });
  };

  return (
    <form onSubmit={submit} noValidate>
      <Stack>
        <Text size="sm">
          Choose the password with which you sign in from now on. This link serves once, until {moment(link.expiresAt)}.
        </Text>
        {use.error && <Failure error={use.error} doing="set the password" />}
        <TextInput label="E-mail" name="email" autoComplete="username" readOnly value={link.email} />
        <Group grow align="flex-start">
          <TextInput
            label="First name"
            description="Optional"
            autoComplete="given-name"
            value={firstName}
            onChange={(event) => setFirstName(event.currentTarget.value)}
          />
          <TextInput
            label="Last name"
            description="Optional"
            autoComplete="family-name"
            value={lastName}
            onChange={(event) => setLastName(event.currentTarget.value)}
          />
        </Group>
        <PasswordInput
          label="Password"
          description={PASSWORD_RULE}
          name="password"
          autoComplete="new-password"
          value={password}
          onChange={(event) => setPassword(event.currentTarget.value)}
          error={wasTried && fault}
          visibilityToggleButtonProps={{ 'aria-label': 'Show or hide the password' }}
          autoFocus
        />
        <Button type="submit" loading={use.isPending}>
          Set password and sign in
        </Button>
      </Stack>
    </form>
  );
}

function Ended() {
  return (
    <Entrance title="This link serves no more">
      <Text size="sm">
        It has been used, has run out, or was replaced by a newer one. Whoever runs this server can make another with{' '}
        <Code>flaghoist sign-in-link</Code>.
      </Text>
      <Anchor component={Link} to="/sign-in" size="sm">
        Sign in with a password
      </Anchor>
    </Entrance>
  );
}
