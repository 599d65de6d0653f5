// A new token: a name, how far it reaches, and when it ends.
import { Group, Modal, Select, Stack, Switch, TextInput } from '@mantine/core';
import { type FormEvent, useState } from 'react';
import { Act } from '@/components/Act';
import { Failure } from '@/components/Notices';
import { useMember } from '@/lib/session';
import { useCreateToken } from './acts';
import { choices, limitsOf } from './limits';
import { useCustomRoles } from './questions';
import { Secret } from './Secret';

const DAY_MS = 86_400_000;
const ENDS = [
  { value: '0', label: 'Never' },
  { value: '30', label: 'In 30 days' },
  { value: '90', label: 'In 90 days' },
  { value: '365', label: 'In a year' },
];

export function CreateToken({ opened, onClose }: { opened: boolean; onClose: () => void }) {
  const create = useCreateToken();
  const [secret, setSecret] = useState('');
  const close = () => {
    setSecret('');
    create.reset();
    onClose();
  };
  return (
    <Modal
      opened={opened}
      onClose={close}
      title={secret ? 'The token is created' : 'Create token'}
      centered
      closeOnClickOutside={!secret}
      closeOnEscape={!secret}
    >
      {opened && (secret ? <Secret secret={secret} onClose={close} /> : <Form create={create} onMade={setSecret} />)}
    </Modal>
  );
}

interface FormProps {
  create: ReturnType<typeof useCreateToken>;
  onMade: (secret: string) => void;
}

function Form({ create, onMade }: FormProps) {
  const member = useMember();
  const roles = useCustomRoles();
  const [name, setName] = useState('');
  const [limits, setLimits] = useState('reader');
  const [isService, setService] = useState(false);
  const [ends, setEnds] = useState('90');

  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (!name.trim()) return;
    const expiry = ends === '0' ? undefined : Date.now() + Number(ends) * DAY_MS;
    const body = { name: name.trim(), serviceToken: isService, expiry, ...limitsOf(limits) };
    create.mutate(body, { onSuccess: (made) => onMade(made.token) });
  };

  return (
    <form onSubmit={submit}>
      <Stack>
        {create.error && <Failure error={create.error} doing="create the token" />}
        <TextInput
          label="Name"
          description="What uses it: “CI of the web shop”."
          required
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
          data-autofocus
        />
        <Select
          label="It may"
          data={choices(roles)}
          value={limits}
          onChange={(choice) => setLimits(choice ?? 'reader')}
          allowDeselect={false}
        />
        <Select
          label="It ends"
          data={ENDS}
          value={ends}
          onChange={(days) => setEnds(days ?? '90')}
          allowDeselect={false}
        />
        <Switch
          label="Service token"
          description="Outlives you: it goes on working when you leave or your role changes."
          checked={isService}
          onChange={(event) => setService(event.currentTarget.checked)}
        />
        <Group justify="flex-end">
          <Act
            type="submit"
            may={{
              action: 'createAccessToken',
              resource: isService ? 'service-token/*' : `member/${member._id}:token/*`,
            }}
            disabledBecause={!name.trim() && 'Give it a name.'}
            loading={create.isPending}
          >
            Create token
          </Act>
        </Group>
      </Stack>
    </form>
  );
}
