// What a flag is in all environments alike: its name and what else helps people, who may see it, and its end.
import { Button, Checkbox, Group, Select, Stack, TagsInput, Text, Textarea, TextInput, Title } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useEffect, useState } from 'react';
import { Failure } from '@/components/Notices';
import * as addresses from '@/lib/addresses';
import { useMay } from '@/lib/may';
import { useChangeFlag } from '../acts';
import type { TabProps } from '../FlagPage';
import { nameOfMember } from '../people';
import { useMembers, useTags } from '../questions';
import { instructionsFor, type Settings, settingsOf } from './changes';
import { Dependants } from './Dependants';
import { Ending } from './Ending';

export function SettingsTab({ projectKey, environmentKey, flag }: TabProps) {
  return (
    <Stack gap="xl" maw={720}>
      <Form projectKey={projectKey} environmentKey={environmentKey} flag={flag} key={flag.key} />
      <section>
        <Title order={2} size="h4" mb="xs">
          Depends on this flag
        </Title>
        <Dependants projectKey={projectKey} flagKey={flag.key} />
      </section>
      <section>
        <Title order={2} size="h4" mb="xs">
          Retire
        </Title>
        <Ending projectKey={projectKey} environmentKey={environmentKey} flag={flag} />
      </section>
    </Stack>
  );
}

function Form({ projectKey, flag }: TabProps) {
  const known = settingsOf(flag);
  const [base, setBase] = useState(known);
  const [draft, setDraft] = useState(known);
  const [comment, setComment] = useState('');
  const tags = useTags();
  const members = useMembers();
  const guard = useGuards(projectKey, flag.key);
  const client = useQueryClient();
  const save = useChangeFlag(projectKey, flag.key, 'save the settings', 'The settings are saved.');
  const change = (next: Partial<Settings>) => setDraft((each) => ({ ...each, ...next }));
  const instructions = instructionsFor(base, draft);
  const isMoved = instructionsFor(base, known).length > 0;

  // What somebody else changes shows at once where nothing has been edited here.
  useEffect(() => {
    if (isMoved && instructions.length === 0) {
      setBase(known);
      setDraft(known);
    }
  });

  const submit = async (event: FormEvent) => {
    event.preventDefault();
    const isDone = await save.mutateAsync({ instructions, comment }).then(
      () => true,
      () => false,
    );
    if (!isDone) return;
    await client.refetchQueries({ queryKey: ['flag', projectKey, 'one', flag.key] });
    setBase(draft);
    setComment('');
  };

  return (
    <form onSubmit={submit} aria-label="Settings">
      <Stack>
        <TextInput
          label="Name"
          required
          maxLength={256}
          value={draft.name}
          onChange={(event) => change({ name: event.currentTarget.value })}
          {...guard('updateName')}
        />
        <Textarea
          label="Description"
          autosize
          minRows={2}
          value={draft.description}
          onChange={(event) => change({ description: event.currentTarget.value })}
          {...guard('updateDescription')}
        />
        <TagsInput
          label="Tags"
          data={tags.data ?? []}
          value={draft.tags}
          onChange={(each) => change({ tags: each })}
          {...guard('updateTags')}
        />
        <Select
          label="Maintainer"
          placeholder={flag._maintainerTeam?.name ?? 'Nobody'}
          data={(members.data ?? []).map((each) => ({ value: each._id, label: nameOfMember(each) }))}
          value={draft.maintainerId || null}
          onChange={(maintainerId) => change({ maintainerId: maintainerId ?? '' })}
          searchable
          clearable
          clearButtonProps={{ 'aria-label': 'Nobody maintains it' }}
          {...guard('updateMaintainer')}
        />
        <Checkbox
          label="Temporary: to be removed from the code once it has done its work"
          checked={draft.temporary}
          onChange={(event) => change({ temporary: event.currentTarget.checked })}
          {...locked(guard('updateTemporary'))}
        />
        <Stack gap="xs" role="group" aria-label="Client-side SDKs that may see it">
          <Text size="sm" fw={500}>
            Client-side SDKs that may see it
          </Text>
          <Checkbox
            label="Browsers and others with a client-side ID"
            checked={draft.usingEnvironmentId}
            onChange={(event) => change({ usingEnvironmentId: event.currentTarget.checked })}
            {...locked(guard('updateClientSideFlagAvailability'))}
          />
          <Checkbox
            label="Mobile and desktop apps with a mobile key"
            checked={draft.usingMobileKey}
            onChange={(event) => change({ usingMobileKey: event.currentTarget.checked })}
            {...locked(guard('updateClientSideFlagAvailability'))}
          />
        </Stack>
        {instructions.length > 0 && (
          <>
            {isMoved && (
              <Text size="sm">Somebody has changed these settings meanwhile; only what you edit is saved.</Text>
            )}
            <Textarea
              label="Comment (optional)"
              value={comment}
              onChange={(event) => setComment(event.currentTarget.value)}
              autosize
            />
            {save.error && <Failure error={save.error} doing="save the settings" />}
            <Group>
              <Button type="submit" loading={save.isPending} disabled={!draft.name.trim()}>
                Save
              </Button>
              <Button variant="default" onClick={() => setDraft(base)}>
                Discard
              </Button>
            </Group>
          </>
        )}
      </Stack>
    </form>
  );
}

interface Guard {
  readOnly?: boolean;
  description?: string;
}

/** What a field looks like for somebody who may, or may not, change it. */
function useGuards(projectKey: string, flagKey: string): (action: string) => Guard {
  const resource = addresses.flag(projectKey, flagKey);
  const verdicts = {
    updateName: useMay({ action: 'updateName', resource }),
    updateDescription: useMay({ action: 'updateDescription', resource }),
    updateTags: useMay({ action: 'updateTags', resource }),
    updateMaintainer: useMay({ action: 'updateMaintainer', resource }),
    updateTemporary: useMay({ action: 'updateTemporary', resource }),
    updateClientSideFlagAvailability: useMay({ action: 'updateClientSideFlagAvailability', resource }),
  };
  return (action) => {
    const { allowed, reason } = verdicts[action as keyof typeof verdicts];
    return allowed ? {} : { readOnly: true, description: reason };
  };
}

function locked({ readOnly, description }: Guard) {
  return { disabled: readOnly, description };
}
