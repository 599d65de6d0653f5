// A new flag: its name, its key, the values it may have, and who may see it.
import {
  Button,
  Checkbox,
  Drawer,
  Group,
  SegmentedControl,
  Select,
  Stack,
  TagsInput,
  Text,
  Textarea,
  TextInput,
} from '@mantine/core';
import { useNavigate } from '@tanstack/react-router';
import { type FormEvent, useState } from 'react';
import { Failure } from '@/components/Notices';
import { keyFrom } from '@/lib/formats';
import { useCreateFlag } from '../acts';
import { useTags } from '../questions';
import { type Kind, shown } from '../values';
import { type Draft, draftOf, isReady, KIND_WORDS, keyProblem, postOf, withKind } from './draft';
import { VariationFields } from './VariationFields';

interface Props {
  projectKey: string;
  environmentKey: string;
  opened: boolean;
  onClose: () => void;
}

export function NewFlag(props: Props) {
  return (
    <Drawer opened={props.opened} onClose={props.onClose} title="Create a flag" position="right" size="lg">
      {props.opened && <Form {...props} />}
    </Drawer>
  );
}

function Form({ projectKey, environmentKey, onClose }: Props) {
  const [draft, setDraft] = useState(draftOf('boolean'));
  const [isKeyTyped, setKeyTyped] = useState(false);
  const tags = useTags();
  const navigate = useNavigate();
  const create = useCreateFlag(projectKey);
  const change = (next: Partial<Draft>) => setDraft((known) => ({ ...known, ...next }));
  const choices = draft.variations.map((each, place) => ({
    value: String(place),
    label: each.name || shown(each.text, 40),
  }));

  const submit = async (event: FormEvent) => {
    event.preventDefault();
    if (!isReady(draft)) return;
    const flag = await create.mutateAsync(postOf(draft)).catch(() => undefined);
    if (!flag) return;
    const params = { projectKey, environmentKey, flagKey: flag.key };
    await navigate({ to: '/projects/$projectKey/$environmentKey/flags/$flagKey', params });
  };

  return (
    <form onSubmit={submit}>
      <Stack>
        <TextInput
          label="Name"
          required
          data-autofocus
          value={draft.name}
          maxLength={256}
          onChange={({ currentTarget: { value } }) =>
            change({ name: value, ...(isKeyTyped ? {} : { key: keyFrom(value) }) })
          }
        />
        <TextInput
          label="Key"
          description="What code asks for. It cannot be changed later."
          required
          value={draft.key}
          error={draft.key ? keyProblem(draft.key) : undefined}
          onChange={({ currentTarget: { value } }) => {
            setKeyTyped(true);
            change({ key: value });
          }}
          styles={{ input: { fontFamily: 'var(--mantine-font-family-monospace)' } }}
        />
        <Textarea
          label="Description"
          autosize
          minRows={2}
          value={draft.description}
          onChange={(event) => change({ description: event.currentTarget.value })}
        />
        <Stack gap={4}>
          <Text size="sm" fw={500} id="kind-of-flag">
            Values
          </Text>
          <SegmentedControl
            aria-labelledby="kind-of-flag"
            data={KIND_WORDS}
            value={draft.kind}
            onChange={(kind) => setDraft((known) => withKind(known, kind as Kind))}
          />
        </Stack>
        <VariationFields
          kind={draft.kind}
          variations={draft.variations}
          onChange={(variations) => change({ variations })}
        />
        <Group grow align="flex-start">
          <Select
            label="Served while on"
            data={choices}
            value={String(draft.onVariation)}
            onChange={(place) => change({ onVariation: Number(place) })}
            allowDeselect={false}
          />
          <Select
            label="Served while off"
            data={choices}
            value={String(draft.offVariation)}
            onChange={(place) => change({ offVariation: Number(place) })}
            allowDeselect={false}
          />
        </Group>
        <Checkbox.Group
          label="Client-side SDKs that may see it"
          description="Server-side SDKs always do. What a browser or an app receives, its user can read."
          value={draft.clients}
          onChange={(clients) => change({ clients })}
        >
          <Stack gap="xs" mt="xs">
            <Checkbox value="usingEnvironmentId" label="Browsers and others with a client-side ID" />
            <Checkbox value="usingMobileKey" label="Mobile and desktop apps with a mobile key" />
          </Stack>
        </Checkbox.Group>
        <TagsInput label="Tags" data={tags.data ?? []} value={draft.tags} onChange={(each) => change({ tags: each })} />
        <Checkbox
          label="Temporary: to be removed from the code once it has done its work"
          checked={draft.temporary}
          onChange={(event) => change({ temporary: event.currentTarget.checked })}
        />
        {create.error && <Failure error={create.error} doing="create the flag" />}
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button type="submit" disabled={!isReady(draft)} loading={create.isPending}>
            Create flag
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
