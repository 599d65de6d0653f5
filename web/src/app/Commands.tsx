// What the command palette offers.
import { Modal, NavLink, Stack, TextInput } from '@mantine/core';
import { useNavigate, useParams } from '@tanstack/react-router';
import { useState } from 'react';

const PAGES = ['flags', 'experiments', 'metrics', 'events', 'settings'];

export function Commands({ onClose }: { onClose: () => void }) {
  const [wanted, setWanted] = useState('');
  const navigate = useNavigate();
  const { projectKey = 'default', environmentKey = '~' } = useParams({ strict: false });
  const shown = PAGES.filter((page) => page.includes(wanted.toLowerCase()));
  return (
    <Modal opened onClose={onClose} title="Find or do anything">
      <TextInput
        aria-label="What to find"
        value={wanted}
        onChange={(event) => setWanted(event.currentTarget.value)}
        data-autofocus
      />
      <Stack gap={2} mt="sm">
        {shown.map((page) => (
          <NavLink
            key={page}
            component="button"
            label={`Go to ${page}`}
            onClick={() => {
              onClose();
              void navigate({ href: `/projects/${projectKey}/${environmentKey}/${page}` });
            }}
          />
        ))}
      </Stack>
    </Modal>
  );
}
