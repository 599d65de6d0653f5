// "Are you sure?" with what will happen, a comment where one is wanted, and a key to type where much would be lost.
import { Button, Group, Modal, Stack, Text, Textarea, TextInput } from '@mantine/core';
import { type FormEvent, type ReactNode, useState } from 'react';
import type { Deed } from '@/lib/may';
import { Act } from './Act';
import { Failure } from './Notices';

interface Props {
  opened: boolean;
  onClose: () => void;
  title: string;
  /** What will happen. */
  children: ReactNode;
  /** The verb on the button: "Delete". */
  verb: string;
  /** Does it; what it throws is shown, and the dialog stays. */
  onConfirm: (comment: string) => Promise<unknown>;
  danger?: boolean;
  /** What the policy must allow. */
  may?: Deed;
  /** Must be typed before anything happens. */
  typed?: string;
  comment?: 'none' | 'optional' | 'required';
  /** Wider where much is shown. */
  size?: 'md' | 'xl';
}

export function Confirm(props: Props) {
  const { opened, onClose, title, size = 'md' } = props;
  return (
    <Modal opened={opened} onClose={onClose} title={title} size={size} centered>
      {opened && <Question {...props} />}
    </Modal>
  );
}

function Question({ onClose, children, verb, onConfirm, danger, may, typed, comment = 'none' }: Props) {
  const [text, setText] = useState('');
  const [key, setKey] = useState('');
  const [isBusy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>();
  const isMissing = (typed !== undefined && key !== typed) || (comment === 'required' && !text.trim());

  const confirm = async (event: FormEvent) => {
    event.preventDefault();
    setBusy(true);
    setError(undefined);
    try {
      await onConfirm(text.trim());
      onClose();
    } catch (cause) {
      setError(cause);
    } finally {
      setBusy(false);
    }
  };

  return (
    <form onSubmit={confirm}>
      <Stack>
        <Text component="div" size="sm">
          {children}
        </Text>
        {typed !== undefined && (
          <TextInput
            label={`Type ${typed} to confirm`}
            value={key}
            onChange={(event) => setKey(event.currentTarget.value)}
            autoComplete="off"
            data-autofocus
          />
        )}
        {comment !== 'none' && (
          <Textarea
            label={comment === 'required' ? 'Comment (this environment requires one)' : 'Comment (optional)'}
            description="Kept in the history, for whoever wonders why."
            value={text}
            onChange={(event) => setText(event.currentTarget.value)}
            autosize
            minRows={2}
            data-autofocus={typed === undefined || undefined}
          />
        )}
        {error !== undefined && <Failure error={error} />}
        <Group justify="flex-end">
          <Button
            variant="default"
            onClick={onClose}
            data-autofocus={comment === 'none' && typed === undefined ? true : undefined}
          >
            Cancel
          </Button>
          <Act type="submit" may={may} color={danger ? 'red' : undefined} disabled={isMissing} loading={isBusy}>
            {verb}
          </Act>
        </Group>
      </Stack>
    </form>
  );
}
