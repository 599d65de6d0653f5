// The session has ended while a page is open: sign in again without losing the page.
import { Button, Modal, Text } from '@mantine/core';
import { useSession } from '@/lib/session';

export function SessionEnded() {
  const session = useSession();
  const hasEnded = session !== undefined && !session.signedIn;
  return (
    <Modal opened={hasEnded} onClose={() => {}} withCloseButton={false} title="Your session has ended">
      <Text size="sm">Sign in again to go on where you were.</Text>
      <Button mt="md" component="a" href={`/sign-in?then=${encodeURIComponent(window.location.pathname)}`}>
        Sign in
      </Button>
    </Modal>
  );
}
