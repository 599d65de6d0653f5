// One change of a flag: in words at once, member by member when asked for.
import { Anchor, Blockquote, Box, Code, Group, List, Paper, Stack, Text } from '@mantine/core';
import { useId, useState } from 'react';
import { Answer } from '@/components/Answer';
import { Diff } from '@/components/Diff';
import { Ago } from '@/components/Moment';
import { moment } from '@/lib/formats';
import { type Entry, useWholeEntry } from '../questions';
import { linesOf, type Piece } from './words';

interface Props {
  entry: Entry;
  onRevert: () => void;
}

export function Happening({ entry, onRevert }: Props) {
  const [isOpen, setOpen] = useState(false);
  const whole = useWholeEntry(entry._id, isOpen);
  const place = useId();
  const isBirth = entry.titleVerb.startsWith('created') || entry.titleVerb.startsWith('cloned');
  const where = entry.parent?.resource.includes(':env/') ? ` in ${entry.parent.name}` : '';
  return (
    <Paper component="li" withBorder p="md">
      <Stack gap="xs">
        <Group justify="space-between" align="flex-start" gap="xs">
          <Text size="sm">
            <Text span fw={600}>
              {entry.subject.name}
            </Text>{' '}
            {entry.titleVerb}
            {where}
            {entry.token && (
              <Text span c="dimmed">
                {' '}
                by the token {entry.token.name}
              </Text>
            )}
          </Text>
          <Text size="sm" c="dimmed">
            <Ago at={entry.date} />
          </Text>
        </Group>
        {entry.comment && (
          <Blockquote py={6} px="sm" radius="sm">
            <Text size="sm">{entry.comment}</Text>
          </Blockquote>
        )}
        <List size="sm" spacing={2}>
          {linesOf(entry.description).map((line, row) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: the lines of an entry never change places
            <List.Item key={row}>
              <Line pieces={line} />
            </List.Item>
          ))}
        </List>
        <Group gap="md">
          <Anchor
            component="button"
            type="button"
            size="sm"
            aria-expanded={isOpen}
            aria-controls={isOpen ? place : undefined}
            onClick={() => setOpen(!isOpen)}
          >
            {isOpen ? 'Hide the fields' : 'Show the fields'}
          </Anchor>
          {!isBirth && (
            <Anchor component="button" type="button" size="sm" onClick={onRevert}>
              Revert to before this
            </Anchor>
          )}
        </Group>
        {isOpen && (
          <div id={place}>
            <Answer of={whole} what="the change" lines={3}>
              {({ previousVersion, currentVersion }) => (
                <Diff
                  before={told(previousVersion)}
                  after={told(currentVersion)}
                  label={`What differs since ${moment(entry.date)}, change ${entry._id}`}
                />
              )}
            </Answer>
          </div>
        )}
      </Stack>
    </Paper>
  );
}

function Line({ pieces }: { pieces: Piece[] }) {
  return (
    <>
      {pieces.map((piece, place) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: the pieces of a line never change places
        <Box key={place} component={piece.isGone ? 'del' : 'span'}>
          {piece.isCode ? <Code style={{ overflowWrap: 'anywhere' }}>{piece.text}</Code> : piece.text}
        </Box>
      ))}
    </>
  );
}

/** A version without what only counts. */
function told(version: Record<string, unknown> | undefined): Record<string, unknown> {
  const { _version, ...rest } = version ?? {};
  return rest;
}
