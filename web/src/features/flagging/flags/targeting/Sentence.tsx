// A rule as a sentence, names and values standing out.
import { Text } from '@mantine/core';
import { useEditing } from './editing';
import type { Rule } from './model/draft';
import { ruleSentence } from './model/sentences';
import classes from './Targeting.module.css';

export function Sentence({ rule }: { rule: Rule }) {
  const { nameOf } = useEditing();
  return (
    <Text size="sm" className={classes.sentence}>
      {ruleSentence(rule, nameOf).map((part, place) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: the parts of a sentence are told apart by their place alone
        <span key={place} className={part.is && classes[part.is]}>
          {part.text}
        </span>
      ))}
      .
    </Text>
  );
}
