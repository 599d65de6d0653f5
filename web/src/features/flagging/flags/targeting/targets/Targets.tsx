// Individual targets: who is served a variation by name, before any rule is looked at.
import { Autocomplete, Button, Group, Stack, Text } from '@mantine/core';
import { IconPlus } from '@tabler/icons-react';
import { memo, useState } from 'react';
import { Act } from '@/components/Act';
import { useMay } from '@/lib/may';
import { labelOf } from '../../values';
import { isSteady, useEditing } from '../editing';
import type { TargetList } from '../model/draft';
import type { Warning } from '../model/warnings';
import { Section } from '../Section';
import classes from '../Targeting.module.css';
import { KeysField } from './KeysField';

interface Props {
  targets: TargetList[];
  warnings: Warning[];
}

export const Targets = memo(function Targets({ targets, warnings }: Props) {
  const { change, variations, deed, contextKinds } = useEditing();
  const [asked, setAsked] = useState<string[]>([]);
  const may = useMay(deed('updateTargets'));
  const used = targets.map((each) => each.contextKind);
  const kinds = [...new Set([...used, ...asked])];
  const put = (contextKind: string, variationId: string, keys: string[]) =>
    change((before) => ({ ...before, targets: targeted(before.targets, { contextKind, variationId, keys }) }));

  return (
    <Section
      title="Individual targets"
      description="Single contexts that are served a variation by their key, before any rule is looked at."
      action="updateTargets"
      warnings={warnings}
    >
      {kinds.length === 0 && <Text size="sm">Nobody is targeted by name.</Text>}
      {kinds.map((kind) => (
        <Stack
          key={kind}
          gap="xs"
          className={classes.inset}
          component="div"
          role="group"
          aria-label={`Targets of kind ${kind}`}
        >
          <Text fw={600} size="sm">
            {kind}
          </Text>
          {variations.map((variation, place) => (
            <KeysField
              key={variation._id}
              label={`Serve “${labelOf(variation, place)}” to these ${kind} keys`}
              keys={targets.find((each) => each.contextKind === kind && each.variationId === variation._id)?.keys ?? []}
              onChange={(keys) => put(kind, variation._id ?? '', keys)}
              disabled={!may.allowed}
            />
          ))}
        </Stack>
      ))}
      {may.allowed && (
        <AddKind
          kinds={contextKinds.filter((each) => !kinds.includes(each))}
          isFirst={kinds.length === 0}
          onAdd={(kind) => setAsked((before) => [...before, kind])}
        />
      )}
    </Section>
  );
}, isSteady);

interface AddKindProps {
  kinds: string[];
  isFirst: boolean;
  onAdd: (kind: string) => void;
}

function AddKind({ kinds, isFirst, onAdd }: AddKindProps) {
  const [kind, setKind] = useState<string>();
  if (kind === undefined) {
    return (
      <Group>
        <Button
          variant="default"
          leftSection={<IconPlus size={16} />}
          onClick={() => (isFirst ? onAdd('user') : setKind(''))}
        >
          {isFirst ? 'Add targets' : 'Target another kind of context'}
        </Button>
      </Group>
    );
  }
  return (
    <Group align="flex-end" gap="xs">
      <Autocomplete label="Kind of context" data={kinds} value={kind} onChange={setKind} maw={220} autoFocus />
      <Act
        variant="default"
        disabledBecause={!kind.trim() && 'Name a kind of context first'}
        onClick={() => {
          onAdd(kind.trim());
          setKind(undefined);
        }}
      >
        Target this kind
      </Act>
      <Button variant="subtle" onClick={() => setKind(undefined)}>
        Cancel
      </Button>
    </Group>
  );
}

/** Lists with one of them replaced; whoever is in it leaves the other lists of the kind. */
function targeted(lists: TargetList[], list: TargetList): TargetList[] {
  const isIt = (each: TargetList) => each.contextKind === list.contextKind && each.variationId === list.variationId;
  const others = lists.map((each) =>
    each.contextKind === list.contextKind && !isIt(each)
      ? { ...each, keys: each.keys.filter((key) => !list.keys.includes(key)) }
      : each,
  );
  const put = others.some(isIt) ? others.map((each) => (isIt(each) ? list : each)) : [...others, list];
  return put.filter((each) => each.keys.length > 0);
}
