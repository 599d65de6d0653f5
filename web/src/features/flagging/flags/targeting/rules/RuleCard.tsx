// A rule: its place, its sentence, what is doubtful about it, and what can be done with it.
import { useSortable } from '@dnd-kit/sortable';
import { ActionIcon, Anchor, Group, Menu, Paper, Stack, Text, Title } from '@mantine/core';
import { IconArrowDown, IconArrowUp, IconDots, IconGripVertical, IconPencil, IconTrash } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import { memo } from 'react';
import { Act, ActItem } from '@/components/Act';
import { Chip } from '@/components/Chip';
import { isSteady, useEditing } from '../editing';
import { isNew, type Rule } from '../model/draft';
import { ruleName } from '../model/sentences';
import type { Warning } from '../model/warnings';
import { Warnings } from '../Section';
import { Sentence } from '../Sentence';
import classes from '../Targeting.module.css';
import { RuleForm } from './RuleForm';

interface Props {
  rule: Rule;
  place: number;
  last: number;
  isOpen: boolean;
  isEdited: boolean;
  warnings: Warning[];
  onOpen: (id: string, isOpen: boolean) => void;
  onChange: (rule: Rule) => void;
  onRemove: (id: string) => void;
  onMove: (from: number, to: number) => void;
}

/** The card that is moved; what is on it is drawn anew only when it is another. */
export function RuleCard(props: Props) {
  const { rule, place } = props;
  const sortable = useSortable({ id: rule.id });
  const { x = 0, y = 0 } = sortable.transform ?? {};
  return (
    <Paper
      component="li"
      ref={sortable.setNodeRef}
      withBorder
      radius="md"
      p="sm"
      pl={6}
      data-rule={rule.id}
      className={sortable.isDragging ? classes.dragged : undefined}
      style={{ transform: `translate(${x}px, ${y}px)`, transition: sortable.transition, listStyle: 'none' }}
    >
      <Group wrap="nowrap" gap={6} align="flex-start">
        <ActionIcon
          ref={sortable.setActivatorNodeRef}
          variant="subtle"
          color="gray"
          className={classes.handle}
          {...sortable.attributes}
          {...sortable.listeners}
          aria-label={`Move ${ruleName(rule, place)}: drag, or press space and use the arrow keys`}
        >
          <IconGripVertical size={18} />
        </ActionIcon>
        <RuleContent {...props} />
      </Group>
    </Paper>
  );
}

const RuleContent = memo(function RuleContent(props: Props) {
  const { rule, place, last, isOpen, isEdited, warnings, onOpen, onChange, onRemove, onMove } = props;
  const { deed, experimentAt, projectKey, environmentKey } = useEditing();
  const may = deed('updateRules');
  const experiment = experimentAt(rule.id);
  const held = experiment && `The experiment “${experiment.name}” is running on this rule: stop it first.`;
  const name = ruleName(rule, place);
  // Who has just begun a rule knows that it is not finished.
  const isBegun = isOpen && isNew(rule.id);

  return (
    <Stack gap="xs" flex={1} miw={0}>
      <Group justify="space-between" wrap="nowrap" gap="xs" align="flex-start">
        <Group gap={6} mt={3}>
          <Title order={3} size="h5" style={{ overflowWrap: 'anywhere' }}>
            {rule.description ? `${place + 1}. ${rule.description}` : `Rule ${place + 1}`}
          </Title>
          {isNew(rule.id) ? <Chip tone="info">New</Chip> : isEdited && <Chip tone="info">Changed</Chip>}
          {rule.isDisabled && <Chip>Disabled</Chip>}
          {experiment && <Chip tone="info">Experiment running</Chip>}
        </Group>
        <Group gap={4} wrap="nowrap">
          <Act
            variant="subtle"
            size="compact-sm"
            may={may}
            disabledBecause={held}
            onClick={() => onOpen(rule.id, !isOpen)}
            leftSection={<IconPencil size={14} />}
            aria-label={`${isOpen ? 'Close' : 'Edit'} ${name}`}
          >
            {isOpen ? 'Close' : 'Edit'}
          </Act>
          <Menu position="bottom-end" withinPortal>
            <Menu.Target>
              <ActionIcon variant="subtle" color="gray" aria-label={`More for ${name}`}>
                <IconDots size={18} />
              </ActionIcon>
            </Menu.Target>
            <Menu.Dropdown>
              <ActItem
                may={may}
                disabledBecause={place === 0 && 'This is the first rule'}
                leftSection={<IconArrowUp size={16} />}
                onClick={() => onMove(place, place - 1)}
              >
                Move up
              </ActItem>
              <ActItem
                may={may}
                disabledBecause={place === last && 'This is the last rule'}
                leftSection={<IconArrowDown size={16} />}
                onClick={() => onMove(place, place + 1)}
              >
                Move down
              </ActItem>
              <ActItem
                may={may}
                disabledBecause={held}
                color="red"
                leftSection={<IconTrash size={16} />}
                onClick={() => onRemove(rule.id)}
              >
                Remove
              </ActItem>
            </Menu.Dropdown>
          </Menu>
        </Group>
      </Group>
      <Sentence rule={rule} />
      {experiment && (
        <Text size="sm">
          Held by the experiment{' '}
          <Anchor
            component={Link}
            to={`/projects/${projectKey}/${environmentKey}/experiments/${experiment.key}`}
            inherit
            underline="always"
          >
            {experiment.name}
          </Anchor>
          .
        </Text>
      )}
      {!isBegun && <Warnings of={warnings} />}
      {isOpen && !held && <RuleForm rule={rule} onChange={onChange} onClose={() => onOpen(rule.id, false)} />}
    </Stack>
  );
}, isSteady);
