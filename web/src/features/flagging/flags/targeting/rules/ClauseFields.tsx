// One condition of a rule: whose attribute, how it is compared, with what.
import { ActionIcon, Autocomplete, Select, TextInput } from '@mantine/core';
import { IconTrash } from '@tabler/icons-react';
import { useEditing } from '../editing';
import type { Clause } from '../model/draft';
import { CHOICES } from '../model/operators';
import classes from '../Targeting.module.css';
import { ValuesField } from '../ValuesField';

interface Props {
  clause: Clause;
  place: number;
  onChange: (clause: Clause) => void;
  onRemove: () => void;
}

export function ClauseFields({ clause, place, onChange, onRemove }: Props) {
  const { contextKinds, attributes } = useEditing();
  const isOfSegments = clause.op === 'segmentMatch';
  const put = (more: Partial<Clause>) => onChange({ ...clause, ...more });
  const compare = (choice: string | null) => {
    const [op = 'in', not] = (choice ?? 'in').split(' ');
    put({ op, negate: not !== undefined });
  };

  return (
    <fieldset
      className={classes.clause}
      style={{ border: 0, padding: 0, margin: 0 }}
      aria-label={`Condition ${place + 1}`}
    >
      {isOfSegments ? (
        <TextInput label="Context kind" value="any" readOnly description={undefined} />
      ) : (
        <Autocomplete
          label="Context kind"
          data={contextKinds}
          value={clause.contextKind}
          onChange={(contextKind) => put({ contextKind })}
          onBlur={() => clause.contextKind || put({ contextKind: 'user' })}
        />
      )}
      {isOfSegments ? (
        <TextInput label="Attribute" value="(not needed)" readOnly />
      ) : (
        <Autocomplete
          label="Attribute"
          placeholder="email"
          data={attributes}
          value={clause.attribute}
          onChange={(attribute) => put({ attribute })}
        />
      )}
      <Select
        label="Comparison"
        data={CHOICES}
        value={`${clause.op}${clause.negate ? ' not' : ''}`}
        onChange={compare}
        allowDeselect={false}
        searchable
      />
      <ValuesField clause={clause} onChange={(values) => put({ values })} />
      <ActionIcon
        variant="subtle"
        color="gray"
        size="lg"
        onClick={onRemove}
        aria-label={`Remove condition ${place + 1}`}
        className={classes.clauseRemove}
      >
        <IconTrash size={18} />
      </ActionIcon>
    </fieldset>
  );
}
