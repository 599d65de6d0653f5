// A new secret for a token, and how long the old one may go on working.
import { Button, Group, Modal, Radio, Stack, Text } from '@mantine/core';
import { type FormEvent, useState } from 'react';
import { Failure } from '@/components/Notices';
import { useResetToken } from './acts';
import type { Token } from './questions';
import { Secret } from './Secret';

const HOUR_MS = 3_600_000;
const DELAYS = [
  { value: '0', label: 'At once: it has leaked' },
  { value: String(HOUR_MS), label: 'In an hour' },
  { value: String(24 * HOUR_MS), label: 'In a day' },
  { value: String(7 * 24 * HOUR_MS), label: 'In a week' },
];

interface Props {
  token: Token;
  name: string;
  opened: boolean;
  onClose: () => void;
}

export function ResetToken({ token, name, opened, onClose }: Props) {
  const [delay, setDelay] = useState('0');
  const [secret, setSecret] = useState('');
  const reset = useResetToken();
  const close = () => {
    setSecret('');
    reset.reset();
    onClose();
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const expiry = delay === '0' ? undefined : Date.now() + Number(delay);
    reset.mutate({ id: token._id, expiry }, { onSuccess: (renewed) => setSecret(renewed.token) });
  };
  return (
    <Modal
      opened={opened}
      onClose={close}
      title={secret ? `${name} has a new secret` : `Reset ${name}?`}
      centered
      closeOnClickOutside={!secret}
      closeOnEscape={!secret}
    >
      {secret ? (
        <Secret secret={secret} onClose={close} />
      ) : (
        <form onSubmit={submit}>
          <Stack>
            {reset.error && <Failure error={reset.error} doing="reset the token" />}
            <Text size="sm">A new secret is made. Put it in place of the old one before that ends.</Text>
            <Radio.Group label="The old secret ends" value={delay} onChange={setDelay}>
              <Stack gap={6} mt={6}>
                {DELAYS.map((each) => (
                  <Radio key={each.value} value={each.value} label={each.label} />
                ))}
              </Stack>
            </Radio.Group>
            <Group justify="flex-end">
              <Button variant="default" onClick={close}>
                Cancel
              </Button>
              <Button type="submit" color="red" loading={reset.isPending}>
                Reset token
              </Button>
            </Group>
          </Stack>
        </form>
      )}
    </Modal>
  );
}
