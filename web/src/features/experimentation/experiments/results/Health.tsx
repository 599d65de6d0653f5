// May these numbers be believed? Each check in plain words, the trouble first.
import { Box, Group, Paper, Stack, Table, Text, Title } from '@mantine/core';
import { Chip, type Tone } from '@/components/Chip';
import { count, percent } from '@/lib/formats';
import { Explained } from './Explained';
import classes from './results.module.css';
import { type Results, wholeOf } from './shapes';
import { chance } from './wording';

const TONES: Record<string, Tone> = { ok: 'good', waiting: 'info', warn: 'warn', error: 'bad' };
const WORDS: Record<string, string> = { ok: 'Fine', waiting: 'Waiting', warn: 'Look at this', error: 'Broken' };
const NAMES: Record<string, string> = {
  exposures: 'Exposures',
  sampleRatio: 'Shares of units',
  contamination: 'Units that saw several variations',
  events: 'Events',
  values: 'Values',
  lateness: 'Late events',
};
const ORDER = ['error', 'warn', 'waiting', 'ok'];

export function Health({ results, bundle }: { results: Results; bundle: string }) {
  const checks = [...results.health].sort((a, b) => ORDER.indexOf(a.status) - ORDER.indexOf(b.status));
  return (
    <Paper withBorder p="md" component="section" aria-labelledby="health">
      <Title order={3} size="h5" mb="sm" id="health">
        Is the data sound?
      </Title>
      <Stack gap="xs">
        {checks.map((each) => (
          <Group key={each.check} gap="sm" align="flex-start" wrap="nowrap">
            <Box flex="none" miw={60}>
              <Chip tone={TONES[each.status] ?? 'plain'}>{WORDS[each.status] ?? each.status}</Chip>
            </Box>
            <Text size="sm">
              <b>{NAMES[each.check] ?? each.check}:</b> {each.message}.
            </Text>
          </Group>
        ))}
      </Stack>
      <Shares results={results} bundle={bundle} />
    </Paper>
  );
}

/** Units beside what was promised. */
function Shares({ results, bundle }: { results: Results; bundle: string }) {
  const { observed, expected, pValue, probabilityOfMismatch } = results.sampleRatio;
  const units = Object.values(observed).reduce((sum, each) => sum + each, 0);
  const treatments = wholeOf(results);
  const [treatment] = treatments;
  const shown = `${chance(probabilityOfMismatch)} probability of mismatch`;
  if (units === 0) return null;
  return (
    <>
      <Table mt="md" verticalSpacing={4} aria-label="Units beside what was promised">
        <Table.Thead>
          <Table.Tr>
            <Table.Th>Treatment</Table.Th>
            <Table.Th ta="right">Units</Table.Th>
            <Table.Th ta="right">Share</Table.Th>
            <Table.Th ta="right">Promised</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody className={classes.numbers}>
          {treatments.map(({ treatmentId, treatmentName }) => (
            <Table.Tr key={treatmentId}>
              <Table.Td>{treatmentName}</Table.Td>
              <Table.Td ta="right">{count(observed[treatmentId] ?? 0)}</Table.Td>
              <Table.Td ta="right">{percent((observed[treatmentId] ?? 0) / units)}</Table.Td>
              <Table.Td ta="right">{percent((expected[treatmentId] ?? 0) / units)}</Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
      <Group gap={4} mt={4} wrap="nowrap">
        <Text size="xs" c="dimmed">
          Probability that the shares differ from what was promised: {chance(probabilityOfMismatch)}
          {pValue === undefined ? '' : `; chi-square p = ${Number(pValue.toPrecision(2))}, for one look at the end`}.
        </Text>
        {treatment && (
          <Explained
            question={{ figure: 'sampleRatio', name: 'Shares of units', shown, treatment }}
            {...{ results, treatments, bundle }}
          />
        )}
      </Group>
    </>
  );
}
