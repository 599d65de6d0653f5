// The session has ended while a page is open: sign in again, and the page is as it was left.
import { Anchor, Modal, Stack, Text } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { type Session, useBeginSession, useSession } from '@/lib/session';
import { SignInForm } from './SignInForm';

export function SessionEnded() {
  const session = useSession();
  const client = useQueryClient();
  const begin = useBeginSession();
  const hasEnded = session !== undefined && !session.signedIn;

  const goOn = (begun: Session) => {
    begin(begun);
    void client.invalidateQueries({ predicate: ({ queryKey }) => queryKey[0] !== 'session' });
  };

  return (
    <Modal
      opened={hasEnded}
      onClose={() => {}}
      closeOnEscape={false}
      closeOnClickOutside={false}
      withCloseButton={false}
      title="Your session has ended"
      centered
    >
      {hasEnded && (
        <Stack>
          <Text size="sm">
            Sign in again to go on where you were: what you have typed is still here. What you did last may have to be
            done again.
          </Text>
          <SignInForm onlyFor={session.member?.email} onSignedIn={goOn} />
          <Anchor href="/sign-in" size="sm">
            Sign in as somebody else
          </Anchor>
        </Stack>
      )}
    </Modal>
  );
}
