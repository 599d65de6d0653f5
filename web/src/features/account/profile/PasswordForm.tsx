// A new password for oneself.
import { Button, Group, PasswordInput, Stack } from '@mantine/core';
import { type FormEvent, useState } from 'react';
import { Failure } from '@/components/Notices';
import { ApiError } from '@/lib/api/errors';
import { PASSWORD_RULE, passwordFault } from '@/lib/passwords';
import { useMember } from '@/lib/session';
import { useChangePassword } from './acts';
import { Section } from './Section';

export function PasswordForm() {
  const { email } = useMember();
  const [current, setCurrent] = useState('');
  const [password, setPassword] = useState('');
  const [wasTried, setTried] = useState(false);
  const change = useChangePassword();
  const fault = passwordFault(password, email);
  const isWrong = change.error instanceof ApiError && change.error.code === 'wrong_password';

  const submit = (event: FormEvent) => {
    event.preventDefault();
    setTried(true);
    if (fault || !current) return;
    const forget = () => {
      setCurrent('');
      setPassword('');
      setTried(false);
    };
    change.mutate({ current, password }, { onSuccess: forget });
  };

  return (
    <Section title="Password" description="With a new password you are signed out everywhere else.">
      <form onSubmit={submit} noValidate>
        <Stack maw={420}>
          <input type="hidden" name="username" autoComplete="username" value={email} readOnly />
          {change.error && !isWrong && <Failure error={change.error} doing="change the password" />}
          <PasswordInput
            label="Current password"
            autoComplete="current-password"
            value={current}
            onChange={(event) => {
              setCurrent(event.currentTarget.value);
              if (isWrong) change.reset();
            }}
            error={isWrong ? 'This is not your password.' : wasTried && !current && 'Type the password you have now.'}
            visibilityToggleButtonProps={{ 'aria-label': 'Show or hide the current password' }}
          />
          <PasswordInput
            label="New password"
            description={PASSWORD_RULE}
            autoComplete="new-password"
            value={password}
            onChange={(event) => setPassword(event.currentTarget.value)}
            error={wasTried && fault}
            visibilityToggleButtonProps={{ 'aria-label': 'Show or hide the new password' }}
          />
          <Group>
            <Button type="submit" loading={change.isPending}>
              Change password
            </Button>
          </Group>
        </Stack>
      </form>
    </Section>
  );
}
