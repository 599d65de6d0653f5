// What can be done with one token of the list.
import { ActionIcon, Menu, Modal } from '@mantine/core';
import { IconDots } from '@tabler/icons-react';
import { useState } from 'react';
import { ActItem } from '@/components/Act';
import { Confirm } from '@/components/Confirm';
import { useDeleteToken } from './acts';
import { addressOf } from './limits';
import type { Token } from './questions';
import { RenameToken } from './RenameToken';
import { ResetToken } from './ResetToken';

export function TokenMenu({ token }: { token: Token }) {
  const [doing, setDoing] = useState<'rename' | 'reset' | 'delete'>();
  const remove = useDeleteToken();
  const resource = addressOf(token);
  const name = token.name || `the token ending in ${token.token}`;
  const hasEnded = token.expiry !== undefined && token.expiry <= Date.now();
  const close = () => setDoing(undefined);
  return (
    <>
      <Menu position="bottom-end" width={240}>
        <Menu.Target>
          <ActionIcon variant="subtle" color="gray" aria-label={`Actions for ${name}`}>
            <IconDots size={18} />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          <ActItem may={{ action: 'updateAccessTokenName', resource }} onClick={() => setDoing('rename')}>
            Rename
          </ActItem>
          <ActItem
            may={{ action: 'resetAccessToken', resource }}
            disabledBecause={hasEnded && 'It has ended: create a new one'}
            onClick={() => setDoing('reset')}
          >
            Reset
          </ActItem>
          <ActItem color="red" may={{ action: 'deleteAccessToken', resource }} onClick={() => setDoing('delete')}>
            Delete
          </ActItem>
        </Menu.Dropdown>
      </Menu>
      <Modal opened={doing === 'rename'} onClose={close} title={`Rename ${name}`} centered>
        {doing === 'rename' && <RenameToken token={token} onClose={close} />}
      </Modal>
      <ResetToken token={token} name={name} opened={doing === 'reset'} onClose={close} />
      <Confirm
        opened={doing === 'delete'}
        onClose={close}
        title={`Delete ${name}?`}
        verb="Delete token"
        danger
        onConfirm={() => remove.mutateAsync(token)}
      >
        Whatever uses it is refused from now on. This cannot be undone.
      </Confirm>
    </>
  );
}
