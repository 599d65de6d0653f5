// Changes that are not saved yet: how many, what somebody else did meanwhile, and the way to save or drop them.
import { Alert, Button, Group, List, Paper, ScrollArea, Stack, Text } from '@mantine/core';
import { IconAlertTriangle, IconUsers } from '@tabler/icons-react';
import { useState } from 'react';
import { Act } from '@/components/Act';
import { Confirm } from '@/components/Confirm';
import { counted } from '@/lib/formats';
import type { Environment } from '@/lib/workspace';
import { useApprovalNeed } from '../approvals';
import { useSaveTargeting } from './acts';
import { type Edited, useEditing } from './editing';
import type { Change } from './model/changes';
import type { Warning } from './model/warnings';
import classes from './Targeting.module.css';

interface Props {
  edited: Edited;
  changes: Change[];
  environment: Environment | undefined;
  flagTags: readonly string[];
  warnings: Warning[];
  /** What the others have saved since the first change was made here. */
  theirs: Change[];
}

export function Pending({ edited, changes, environment, flagTags, warnings, theirs }: Props) {
  const { projectKey, environmentKey, environmentName, flagKey } = useEditing();
  const approval = useApprovalNeed(projectKey, flagKey, environment, flagTags);
  const [isReviewing, setReviewing] = useState(false);
  const save = useSaveTargeting(projectKey, environmentKey, flagKey, environmentName);
  if (!edited.isChanged && !save.isPending) return null;
  const faults = warnings.filter((each) => each.isFault);
  const blocked =
    (edited.isOvertaken && 'Somebody else has saved changes: decide first what becomes of yours') ||
    approval ||
    (faults.length > 0 && `${counted(faults.length, 'thing')} must be put right first: ${faults[0]?.words}`);
  const confirm = async (comment: string) => {
    await save.mutateAsync({ base: edited.base, changes, comment });
    edited.discard();
  };

  return (
    <Paper component="section" withBorder radius="md" p="sm" className={classes.pending} aria-label="Unsaved changes">
      <Stack gap="sm">
        {edited.isOvertaken && !save.isPending && <Overtaken edited={edited} theirs={theirs} />}
        <Group justify="space-between" gap="xs">
          <Text fw={600} size="sm" role="status">
            {counted(changes.length, 'unsaved change')} in {environmentName}
          </Text>
          <Group gap="xs">
            <Button variant="default" onClick={edited.discard}>
              Discard
            </Button>
            <Act disabledBecause={blocked} onClick={() => setReviewing(true)}>
              Review and save
            </Act>
          </Group>
        </Group>
      </Stack>
      <Confirm
        opened={isReviewing}
        onClose={() => setReviewing(false)}
        title={`Save ${counted(changes.length, 'change')} in ${environmentName}?`}
        verb="Save changes"
        onConfirm={confirm}
        comment={environment?.requireComments ? 'required' : 'optional'}
        typed={environment?.confirmChanges ? environmentKey : undefined}
      >
        <Summary changes={changes} warnings={warnings} />
      </Confirm>
    </Paper>
  );
}

function Summary({ changes, warnings }: { changes: Change[]; warnings: Warning[] }) {
  return (
    <Stack gap="sm">
      <List type="ordered" size="sm" spacing={4}>
        {changes.map((each) => (
          <List.Item key={each.words}>{each.words}</List.Item>
        ))}
      </List>
      {warnings.length > 0 && (
        <Alert color="orange" variant="light" p="xs" icon={<IconAlertTriangle size={18} />} title="Worth a second look">
          <List size="sm">
            {warnings.map((each) => (
              <List.Item key={`${each.at} ${each.words}`}>{each.words}</List.Item>
            ))}
          </List>
        </Alert>
      )}
    </Stack>
  );
}

function Overtaken({ edited, theirs }: { edited: Edited; theirs: Change[] }) {
  return (
    <Alert
      color="orange"
      variant="light"
      icon={<IconUsers size={18} />}
      title="Somebody else has changed this meanwhile"
      role="alert"
    >
      <Stack gap="xs">
        <ScrollArea.Autosize
          mah="25vh"
          viewportProps={{ tabIndex: 0, role: 'region', 'aria-label': 'What they changed' }}
        >
          <List size="sm">
            {theirs.map((each) => (
              <List.Item key={each.words}>{each.words}</List.Item>
            ))}
          </List>
        </ScrollArea.Autosize>
        {edited.overlapping.length > 0 && (
          <Text size="sm">You both changed {edited.overlapping.join(', ')}: there yours would replace theirs.</Text>
        )}
        <Group gap="xs">
          <Button size="xs" onClick={edited.keepMine}>
            Keep my changes, on top of theirs
          </Button>
          <Button size="xs" variant="default" onClick={edited.discard}>
            Drop mine and show theirs
          </Button>
        </Group>
      </Stack>
    </Alert>
  );
}
