// The rules, tried from top to bottom: the first that holds decides.
import {
  closestCenter,
  DndContext,
  type DragEndEvent,
  KeyboardSensor,
  PointerSensor,
  useSensor,
  useSensors,
} from '@dnd-kit/core';
import {
  arrayMove,
  SortableContext,
  sortableKeyboardCoordinates,
  verticalListSortingStrategy,
} from '@dnd-kit/sortable';
import { Group, Stack, Text } from '@mantine/core';
import { IconPlus } from '@tabler/icons-react';
import { useCallback, useMemo, useState } from 'react';
import { Act } from '@/components/Act';
import { useEditing } from '../editing';
import { newRule, type Rule } from '../model/draft';
import { ruleName } from '../model/sentences';
import type { Warning } from '../model/warnings';
import { Section } from '../Section';
import { RuleCard } from './RuleCard';

interface Props {
  rules: Rule[];
  /** The ids of rules in which something is not saved yet. */
  editedIds: ReadonlySet<unknown>;
  warningsAt: (id: string) => Warning[];
}

export function Rules({ rules, editedIds, warningsAt }: Props) {
  const { change, deed, variations } = useEditing();
  const [open, setOpen] = useState<ReadonlySet<string>>(new Set());
  const sensors = useSensors(
    useSensor(PointerSensor, { activationConstraint: { distance: 4 } }),
    useSensor(KeyboardSensor, { coordinateGetter: sortableKeyboardCoordinates }),
  );
  const order = rules.map((rule) => rule.id).join();
  // biome-ignore lint/correctness/useExhaustiveDependencies: only their order matters, not what rules say
  const ids = useMemo(() => rules.map((rule) => rule.id), [order]);
  const put = useCallback(
    (how: (rules: Rule[]) => Rule[]) => change((before) => ({ ...before, rules: how(before.rules) })),
    [change],
  );
  const edit = useCallback(
    (rule: Rule) => put((before) => before.map((each) => (each.id === rule.id ? rule : each))),
    [put],
  );
  const remove = useCallback((id: string) => put((before) => before.filter((each) => each.id !== id)), [put]);
  const move = useCallback((from: number, to: number) => put((before) => arrayMove(before, from, to)), [put]);
  const toggle = useCallback(
    (id: string, isOpen: boolean) =>
      setOpen((before) => new Set(isOpen ? [...before, id] : [...before].filter((each) => each !== id))),
    [],
  );
  const add = () => {
    const rule = newRule({ is: 'variation', variationId: variations[0]?._id ?? '' });
    put((before) => [...before, rule]);
    toggle(rule.id, true);
  };
  const dropped = ({ active, over }: DragEndEvent) => {
    const place = (id: unknown) => rules.findIndex((rule) => rule.id === id);
    if (over && active.id !== over.id) move(place(active.id), place(over.id));
  };

  return (
    <Section
      title="Rules"
      description="Tried from top to bottom: the first rule that holds decides."
      action="updateRules"
    >
      {rules.length === 0 && <Text size="sm">There are no rules: everybody gets what the default rule serves.</Text>}
      <DndContext
        sensors={sensors}
        collisionDetection={closestCenter}
        onDragEnd={dropped}
        accessibility={{ announcements: announcements(rules) }}
      >
        <SortableContext items={ids} strategy={verticalListSortingStrategy}>
          <Stack component="ol" gap="sm" p={0} m={0}>
            {rules.map((rule, place) => (
              <RuleCard
                key={rule.id}
                rule={rule}
                place={place}
                last={rules.length - 1}
                isOpen={open.has(rule.id)}
                isEdited={editedIds.has(rule.id)}
                warnings={warningsAt(rule.id)}
                onOpen={toggle}
                onChange={edit}
                onRemove={remove}
                onMove={move}
              />
            ))}
          </Stack>
        </SortableContext>
      </DndContext>
      <Group>
        <Act variant="default" leftSection={<IconPlus size={16} />} may={deed('updateRules')} onClick={add}>
          Add a rule
        </Act>
      </Group>
    </Section>
  );
}

/** What a screen reader is told while a rule is moved. */
function announcements(rules: Rule[]) {
  const place = (id: unknown) => rules.findIndex((rule) => rule.id === id);
  const name = (id: unknown) => {
    const rule = rules[place(id)];
    return rule ? ruleName(rule, place(id)) : 'The rule';
  };
  const at = (id: unknown) => `position ${place(id) + 1} of ${rules.length}`;
  return {
    onDragStart: ({ active }: { active: { id: unknown } }) => `${name(active.id)} is taken, at ${at(active.id)}.`,
    onDragOver: ({ active, over }: { active: { id: unknown }; over: { id: unknown } | null }) =>
      over ? `${name(active.id)} is over ${at(over.id)}.` : undefined,
    onDragEnd: ({ active, over }: { active: { id: unknown }; over: { id: unknown } | null }) =>
      `${name(active.id)} is put at ${at((over ?? active).id)}.`,
    onDragCancel: ({ active }: { active: { id: unknown } }) => `${name(active.id)} stays where it was.`,
  };
}
