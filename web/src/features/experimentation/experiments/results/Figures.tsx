// The table beside the drawings: every figure of every treatment, each explained on demand.
import { Group, ScrollArea, Text } from '@mantine/core';
import { Explained } from './Explained';
import { type Figure, type FigureRow, figureRows } from './figures';
import classes from './results.module.css';
import type { Results, Treatment } from './shapes';

interface Props {
  results: Results;
  treatments: readonly Treatment[];
  bundle: string;
}

export function Figures({ results, treatments, bundle }: Props) {
  const name = `Figures of ${results.metric.name}`;
  return (
    <ScrollArea type="auto" viewportProps={{ tabIndex: 0, role: 'region', 'aria-label': name }}>
      <table className={classes.figures} aria-label={name}>
        <thead>
          <tr>
            <td />
            {treatments.map((each) => (
              <th key={each.treatmentId} scope="col">
                {each.treatmentName}
                {each.baseline && (
                  <Text component="span" size="xs" c="dimmed" display="block">
                    baseline
                  </Text>
                )}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {figureRows(results, treatments).map((row) => (
            <tr key={row.name}>
              <th scope="row" title={row.meaning}>
                {row.name}
              </th>
              {treatments.map((each, place) => (
                <td key={each.treatmentId}>
                  <Shown figure={row.figures[place]} row={row} treatment={each} {...{ results, treatments, bundle }} />
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </ScrollArea>
  );
}

interface ShownProps extends Props {
  figure: Figure | undefined;
  row: FigureRow;
  treatment: Treatment;
}

function Shown({ figure, row, treatment, results, treatments, bundle }: ShownProps) {
  if (!figure) return <Text c="dimmed">–</Text>;
  const { value, more, explained } = figure;
  const shown = more ? `${value} (${more})` : value;
  return (
    <>
      <Group gap={4} wrap="nowrap" align="center" className={classes.numbers}>
        <span>{value}</span>
        {explained && (
          <Explained
            question={{ ...explained, name: row.name, shown, treatment }}
            {...{ results, treatments, bundle }}
          />
        )}
      </Group>
      {more && (
        <Text size="xs" c="dimmed" className={classes.numbers}>
          {more}
        </Text>
      )}
    </>
  );
}
