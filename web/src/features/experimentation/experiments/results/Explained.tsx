// "How is this computed?": the formula behind a figure, with the figure's own numbers.
import { ActionIcon, Anchor, Modal, Stack, Table, Text, Tooltip } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { IconMathFunction } from '@tabler/icons-react';
import { type Explanation, explain, type Question } from './explanation';
import classes from './results.module.css';
import type { Results, Treatment } from './shapes';

interface Props {
  question: Question;
  results: Results;
  treatments: readonly Treatment[];
  bundle: string;
}

export function Explained({ question, results, treatments, bundle }: Props) {
  const [isOpen, { open, close }] = useDisclosure(false);
  const { name, treatment } = question;
  const title = question.figure === 'sampleRatio' ? name : `${name} of “${treatment.treatmentName}”`;
  return (
    <>
      <Tooltip label="How is this computed?">
        <ActionIcon
          variant="subtle"
          color="gray"
          size="sm"
          onClick={open}
          aria-label={`How is this computed? ${title}`}
        >
          <IconMathFunction size={14} />
        </ActionIcon>
      </Tooltip>
      <Modal opened={isOpen} onClose={close} title={title} size="lg">
        {isOpen && <FormulaOf {...{ question, results, treatments, bundle }} />}
      </Modal>
    </>
  );
}

function FormulaOf({ question, results, treatments, bundle }: Props) {
  const asked = question.also ? [question, { ...question, figure: question.also }] : [question];
  const told = asked.map((each) => explain(each, results, treatments)).filter((each) => each !== undefined);
  return (
    <Stack gap="md">
      <Text size="xl" fw={600} className={classes.numbers}>
        {question.shown}
      </Text>
      {told.length === 0 && <Text>No formula is given for this figure.</Text>}
      {told.map((each) => (
        <Told key={each.formula.name} told={each} />
      ))}
      <Text size="sm">
        <Anchor href={bundle} download underline="always">
          Download
        </Anchor>{' '}
        the sums and a script that works this figure out anew, without Flaghoist.
      </Text>
    </Stack>
  );
}

function Told({ told }: { told: Explanation }) {
  return (
    <>
      <Text fw={600}>{told.formula.name}</Text>
      <div className={classes.formula}>{told.lines.map((line) => line.symbols).join('\n')}</div>
      {told.inputs.length > 0 && (
        <>
          <Text size="sm">With this figure’s numbers:</Text>
          <div className={classes.formula}>{told.lines.map((line) => line.numbers).join('\n')}</div>
          <Inputs told={told} />
        </>
      )}
      <Text size="sm" c="dimmed">
        Source: {told.formula.source}.
      </Text>
    </>
  );
}

function Inputs({ told }: { told: Explanation }) {
  return (
    <Table verticalSpacing={4} aria-label={`What the symbols of “${told.formula.name}” stand for`}>
      <Table.Tbody>
        {told.inputs.map((input) => (
          <Table.Tr key={input.symbol}>
            <Table.Th scope="row" w={48}>
              {input.symbol}
            </Table.Th>
            <Table.Td>{input.meaning}</Table.Td>
            <Table.Td ta="right" className={classes.numbers}>
              {input.value}
            </Table.Td>
          </Table.Tr>
        ))}
      </Table.Tbody>
    </Table>
  );
}
