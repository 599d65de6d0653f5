// The values of a clause: typed one after the other, kept as what they are.
import { Select, Stack, TagsInput } from '@mantine/core';
import { useState } from 'react';
import type { Clause } from './model/draft';
import { operatorOf, type ValueKind } from './model/operators';
import { asMeant, asTyped, converted, type Typed, typeOf } from './model/values';

const HINTS: Record<ValueKind, string> = {
  any: 'Type a value, then Enter',
  text: 'Type a text, then Enter',
  number: 'Such as 18, then Enter',
  date: 'Such as 2026-01-31T00:00:00Z',
  version: 'Such as 2.1.0',
  pattern: 'A regular expression, then Enter',
  segment: 'The key of a segment, then Enter',
};
const TYPES: { value: Typed; label: string }[] = [
  { value: 'text', label: 'Text' },
  { value: 'number', label: 'Numbers' },
  { value: 'truth', label: 'True or false' },
  { value: 'json', label: 'Mixed, as JSON' },
];

interface Props {
  clause: Clause;
  onChange: (values: unknown[]) => void;
}

export function ValuesField({ clause, onChange }: Props) {
  const { op, values } = clause;
  const { takes } = operatorOf(op, clause.negate);
  const [chosen, setChosen] = useState<Typed>();
  const type = takes === 'any' ? (chosen ?? typeOf(op, values)) : typeOf(op, values);
  const put = (texts: string[]) =>
    onChange(texts.map((text) => values.find((each) => asTyped(each) === text) ?? asMeant(text, type)));

  return (
    <Stack gap={4}>
      <TagsInput
        label="Values"
        value={values.map(asTyped)}
        onChange={put}
        placeholder={values.length === 0 ? HINTS[takes] : undefined}
        splitChars={takes === 'pattern' || type === 'json' ? [] : [',']}
        data={type === 'truth' ? ['true', 'false'] : []}
        acceptValueOnBlur
      />
      {takes === 'any' && (
        <Select
          size="xs"
          aria-label="What the values are"
          data={TYPES}
          value={type}
          onChange={(value) => {
            const wanted = (value ?? 'text') as Typed;
            setChosen(wanted);
            onChange(converted(values, wanted));
          }}
          allowDeselect={false}
          maw={160}
        />
      )}
    </Stack>
  );
}
