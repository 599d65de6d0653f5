// One variation, new or known: its value, its name, its description.
import { Alert, Button, Group, Modal, Stack, Text, Textarea, TextInput } from '@mantine/core';
import { type FormEvent, useState } from 'react';
import { Failure } from '@/components/Notices';
import type { Instruction } from '../acts';
import { ValueField } from '../creating/VariationFields';
import type { Flag } from '../questions';
import { canonical, kindOf, labelOf, problemsOf, textOf, typed } from '../values';
import type { Use } from './uses';

interface Props {
  flag: Flag;
  edited: number | 'new' | undefined;
  uses: Use[];
  onClose: () => void;
  onSave: (instruction: Instruction) => Promise<unknown>;
}

export function EditVariation(props: Props) {
  const { flag, edited, onClose } = props;
  const title = typeof edited === 'number' ? `Edit ${labelOf(flag.variations[edited])}` : 'Add a variation';
  return (
    <Modal opened={edited !== undefined} onClose={onClose} title={title} size="lg">
      {edited !== undefined && <Form {...props} edited={edited} />}
    </Modal>
  );
}

function Form({ flag, edited, uses, onClose, onSave }: Props & { edited: number | 'new' }) {
  const known = edited === 'new' ? undefined : flag.variations[edited];
  const kind = kindOf(flag.variations);
  const [text, setText] = useState(known ? textOf(known.value) : '');
  const [name, setName] = useState(known?.name ?? '');
  const [description, setDescription] = useState(known?.description ?? '');
  const [error, setError] = useState<unknown>();
  const [isBusy, setBusy] = useState(false);
  const others = flag.variations.filter((_, place) => place !== edited).map((each) => textOf(each.value));
  const problem = problemsOf(kind, [...others, text]).at(-1);
  const read = typed(kind, text);
  const isChanged = known !== undefined && 'value' in read && canonical(read.value) !== canonical(known.value);

  const save = async (event: FormEvent) => {
    event.preventDefault();
    if (!('value' in read) || problem) return;
    setBusy(true);
    try {
      const told = { value: read.value, name: name.trim(), description: description.trim() };
      await onSave(
        known ? { kind: 'updateVariation', variationId: known._id, ...told } : { kind: 'addVariation', ...told },
      );
      onClose();
    } catch (cause) {
      setError(cause);
    } finally {
      setBusy(false);
    }
  };

  return (
    <form onSubmit={save}>
      <Stack>
        <Stack gap={4}>
          <Text size="sm" fw={500}>
            Value
          </Text>
          <ValueField
            kind={kind}
            label="Value"
            text={text}
            problem={text === '' && !known ? undefined : problem}
            onChange={setText}
          />
        </Stack>
        <TextInput label="Name" value={name} onChange={(event) => setName(event.currentTarget.value)} />
        <Textarea
          label="Description"
          autosize
          minRows={2}
          value={description}
          onChange={(event) => setDescription(event.currentTarget.value)}
        />
        {isChanged && uses.length > 0 && (
          <Alert color="orange" variant="light" title="This value is being served">
            Everybody who gets this variation gets the new value at once, in{' '}
            {[...new Set(uses.map((each) => each.environmentKey))].join(', ')}.
          </Alert>
        )}
        {error !== undefined && <Failure error={error} doing="save the variation" />}
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button type="submit" loading={isBusy} disabled={Boolean(problem)}>
            {known ? 'Save' : 'Add'}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
