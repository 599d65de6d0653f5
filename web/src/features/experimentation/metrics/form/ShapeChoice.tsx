// What is to be measured, as a question; the answer decides what else is asked.
import { Radio, SimpleGrid, Stack, Text } from '@mantine/core';
import { SHAPE_WORDS, SHAPES, type Shape } from '../draft/shapes';

interface Props {
  value: Shape;
  onChange: (shape: Shape) => void;
  /** Those that can be chosen; a metric keeps its kind. */
  among?: readonly Shape[];
}

export function ShapeChoice({ value, onChange, among = SHAPES }: Props) {
  return (
    <Radio.Group
      value={value}
      onChange={(shape) => onChange(shape as Shape)}
      label="What do you want to know?"
      labelProps={{ size: 'sm', fw: 600, mb: 6 }}
    >
      <SimpleGrid cols={{ base: 1, xs: 2, lg: 3 }} spacing="xs">
        {among.map((shape) => {
          const { name, question, example } = SHAPE_WORDS[shape];
          return (
            <Radio.Card key={shape} value={shape} p="sm" radius="md" aria-label={`${name}: ${question}`}>
              <Stack gap={2}>
                <Text size="sm" fw={600} span style={{ display: 'flex', gap: 8, alignItems: 'center' }}>
                  <Radio.Indicator size="xs" />
                  {question}
                </Text>
                <Text size="xs" c="dimmed" span>
                  {name} · {example}
                </Text>
              </Stack>
            </Radio.Card>
          );
        })}
      </SimpleGrid>
    </Radio.Group>
  );
}
