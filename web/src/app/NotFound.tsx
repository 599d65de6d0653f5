// An address that leads nowhere.
import { Button } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { Empty } from '@/components/Notices';

export function NotFound() {
  return (
    <Empty
      title="There is no such page"
      action={
        <Button component={Link} to="/">
          Go to the flags
        </Button>
      }
    >
      The address may be mistyped, or what it led to has been deleted.
    </Empty>
  );
}
