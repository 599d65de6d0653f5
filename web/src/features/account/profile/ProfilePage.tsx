// Oneself: name, password, look of the console, and where one is signed in.
import { Group, SegmentedControl, Stack, TextInput, useMantineColorScheme } from '@mantine/core';
import { type FormEvent, useState } from 'react';
import { Act } from '@/components/Act';
import { Page } from '@/components/Page';
import { useMember } from '@/lib/session';
import { useRename } from './acts';
import { Browsers } from './Browsers';
import { PasswordForm } from './PasswordForm';
import { Section } from './Section';

export function ProfilePage() {
  const member = useMember();
  return (
    <Page title="Your account" description={`You are signed in as ${member.email}.`}>
      <Stack gap="lg">
        <NameForm key={`${member.firstName} ${member.lastName}`} />
        <Appearance />
        <PasswordForm />
        <Browsers />
      </Stack>
    </Page>
  );
}

function NameForm() {
  const member = useMember();
  const [firstName, setFirstName] = useState(member.firstName);
  const [lastName, setLastName] = useState(member.lastName);
  const rename = useRename();
  const isSame = firstName.trim() === member.firstName && lastName.trim() === member.lastName;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (!isSame) rename.mutate({ firstName, lastName });
  };
  return (
    <Section title="Name" description="What colleagues see beside what you change.">
      <form onSubmit={submit}>
        <Group align="flex-end">
          <TextInput
            label="First name"
            autoComplete="given-name"
            value={firstName}
            onChange={(event) => setFirstName(event.currentTarget.value)}
          />
          <TextInput
            label="Last name"
            autoComplete="family-name"
            value={lastName}
            onChange={(event) => setLastName(event.currentTarget.value)}
          />
          <Act
            type="submit"
            may={{ action: 'updateName', resource: `member/${member._id}` }}
            disabledBecause={isSame && 'This is your name already'}
            loading={rename.isPending}
          >
            Save name
          </Act>
        </Group>
      </form>
    </Section>
  );
}

function Appearance() {
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  return (
    <Section title="Appearance" description="Kept in this browser.">
      <SegmentedControl
        aria-label="Appearance"
        value={colorScheme}
        onChange={setColorScheme}
        data={[
          { value: 'light', label: 'Light' },
          { value: 'dark', label: 'Dark' },
          { value: 'auto', label: 'As the system' },
        ]}
        style={{ alignSelf: 'flex-start' }}
      />
    </Section>
  );
}
