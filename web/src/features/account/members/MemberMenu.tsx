// What can be done with one member of the list.
import { ActionIcon, Button, Group, Menu, Modal, Radio, Stack } from '@mantine/core';
import { IconDots } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import { type FormEvent, useState } from 'react';
import { Act, ActItem } from '@/components/Act';
import { Failure } from '@/components/Notices';
import { useChangeRole } from './acts';
import type { Member } from './questions';

const ROLES = [
  { value: 'no_access', label: 'No access', description: 'Sees and changes nothing.' },
  { value: 'reader', label: 'Reader', description: 'Looks at everything but secrets.' },
  { value: 'writer', label: 'Writer', description: 'Changes flags, metrics, experiments and environments.' },
  { value: 'admin', label: 'Admin', description: 'Also members, tokens and roles.' },
];

export function MemberMenu({ member }: { member: Member }) {
  const [isChanging, setChanging] = useState(false);
  const close = () => setChanging(false);
  return (
    <>
      <Menu position="bottom-end" width={240}>
        <Menu.Target>
          <ActionIcon variant="subtle" color="gray" aria-label={`Actions for ${member.email}`}>
            <IconDots size={18} />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item renderRoot={(props) => <Link {...props} to="/settings/audit" search={{ who: member._id }} />}>
            What they changed
          </Menu.Item>
          <ActItem
            may={{ action: 'updateRole', resource: `member/${member._id}` }}
            disabledBecause={whyNot(member)}
            onClick={() => setChanging(true)}
          >
            Change role
          </ActItem>
        </Menu.Dropdown>
      </Menu>
      <Modal opened={isChanging} onClose={close} title={`The role of ${member.email}`} centered>
        {isChanging && <RoleForm member={member} onClose={close} />}
      </Modal>
    </>
  );
}

function whyNot({ role, customRoles }: Member): string | undefined {
  if (role === 'owner') return 'The owner of the account keeps that role';
  if (customRoles.length > 0) return 'Custom roles stand in place of the base role';
  return undefined;
}

function RoleForm({ member, onClose }: { member: Member; onClose: () => void }) {
  const [role, setRole] = useState(member.role);
  const change = useChangeRole(member);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (role !== member.role) change.mutate(role, { onSuccess: onClose });
  };
  return (
    <form onSubmit={submit}>
      <Stack>
        {change.error && <Failure error={change.error} doing="change the role" />}
        <Radio.Group label="Role" value={role} onChange={setRole}>
          <Stack gap="xs" mt={6}>
            {ROLES.map((each) => (
              <Radio key={each.value} {...each} />
            ))}
          </Stack>
        </Radio.Group>
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Act
            type="submit"
            disabledBecause={role === member.role && 'They have this role already.'}
            loading={change.isPending}
          >
            Change role
          </Act>
        </Group>
      </Stack>
    </form>
  );
}
