// What can be done with one project of the list.
import { ActionIcon, Button, Group, Menu, Modal, Stack, TagsInput, TextInput } from '@mantine/core';
import { IconDots } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import { type FormEvent, useState } from 'react';
import { Act, ActItem } from '@/components/Act';
import { Confirm } from '@/components/Confirm';
import { Failure } from '@/components/Notices';
import * as addresses from '@/lib/addresses';
import { type Project, useProjects } from '@/lib/workspace';
import { useChangeProject, useDeleteProject } from './acts';

export function ProjectMenu({ project }: { project: Project }) {
  const [doing, setDoing] = useState<'change' | 'delete'>();
  const isLast = useProjects().length === 1;
  const remove = useDeleteProject();
  const resource = addresses.project(project.key);
  const close = () => setDoing(undefined);
  return (
    <>
      <Menu position="bottom-end" width={240}>
        <Menu.Target>
          <ActionIcon variant="subtle" color="gray" aria-label={`Actions for ${project.name}`}>
            <IconDots size={18} />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item component={Link} to={`/projects/${encodeURIComponent(project.key)}/~/settings`}>
            Environments and keys
          </Menu.Item>
          <ActItem may={{ action: 'updateProjectName', resource }} onClick={() => setDoing('change')}>
            Rename or tag
          </ActItem>
          <ActItem
            color="red"
            may={{ action: 'deleteProject', resource }}
            disabledBecause={isLast && 'The last project of an account cannot be deleted'}
            onClick={() => setDoing('delete')}
          >
            Delete
          </ActItem>
        </Menu.Dropdown>
      </Menu>
      <Modal opened={doing === 'change'} onClose={close} title={`Change ${project.name}`} centered>
        {doing === 'change' && <ChangeForm project={project} onClose={close} />}
      </Modal>
      <Confirm
        opened={doing === 'delete'}
        onClose={close}
        title={`Delete ${project.name}?`}
        verb="Delete project"
        danger
        typed={project.key}
        onConfirm={() => remove.mutateAsync(project)}
      >
        Its environments, flags, metrics and experiments are gone for good, and its SDK keys stop working at once: SDKs
        that use them serve the fallback values in your code.
      </Confirm>
    </>
  );
}

function ChangeForm({ project, onClose }: { project: Project; onClose: () => void }) {
  const [name, setName] = useState(project.name);
  const [tags, setTags] = useState(project.tags);
  const change = useChangeProject();
  const submit = (event: FormEvent) => {
    event.preventDefault();
    change.mutate({ projectKey: project.key, name: name.trim(), tags }, { onSuccess: onClose });
  };
  return (
    <form onSubmit={submit}>
      <Stack>
        {change.error && <Failure error={change.error} doing="change the project" />}
        <TextInput
          label="Name"
          required
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
          data-autofocus
        />
        <TagsInput label="Tags" description="Press Enter after each." value={tags} onChange={setTags} />
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Act type="submit" disabledBecause={!name.trim() && 'Give it a name.'} loading={change.isPending}>
            Save
          </Act>
        </Group>
      </Stack>
    </form>
  );
}
