// A percentage rollout as a bar: its shares, and where the context falls.
import { Box, Stack, Text } from '@mantine/core';
import { percent } from '@/lib/formats';
import { placeOf, type RolloutTrace } from './sentences';

interface Props {
  rollout: RolloutTrace;
  name: (variation: number) => string;
  /** The share that a rule of a segment takes, in thousandths of a percent. */
  weight?: number;
}

const COLORS = ['pine', 'blue', 'grape', 'orange', 'cyan', 'pink', 'lime', 'violet'];

export function Rollout({ rollout, name, weight }: Props) {
  const shares =
    weight === undefined
      ? (rollout.shares ?? [])
      : [{ variation: 0, weight, above: 0, below: weight / 100_000, untracked: false }];
  const words = shares.map((share, place) => ({
    share,
    isChosen: weight === undefined && place === rollout.chosen,
    text: weight === undefined ? name(share.variation) : 'taken',
  }));
  return (
    <Stack gap={6}>
      <Box
        pos="relative"
        h={14}
        aria-hidden
        style={{ display: 'flex', borderRadius: 4, overflow: 'hidden', background: 'var(--line-faint)' }}
      >
        {words.map(({ share, isChosen }, place) => (
          <Box
            // biome-ignore lint/suspicious/noArrayIndexKey: shares never change places
            key={place}
            style={{
              width: `${(share.below - share.above) * 100}%`,
              background: `var(--mantine-color-${COLORS[place % COLORS.length]}-${isChosen ? 6 : 3})`,
            }}
          />
        ))}
        {rollout.bucket !== undefined && (
          <Box
            pos="absolute"
            top={0}
            bottom={0}
            w={3}
            style={{ left: `calc(${rollout.bucket * 100}% - 1px)`, background: 'var(--mantine-color-text)' }}
          />
        )}
      </Box>
      <Text size="sm">
        {placeOf(rollout)}{' '}
        {words.map(({ share, isChosen, text }, place) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: shares never change places
          <span key={place}>
            {place > 0 && ', '}
            <Text span fw={isChosen ? 700 : 400}>
              {text} {percent(share.above)} to {percent(share.below)}
              {isChosen && ' ✔'}
            </Text>
            {share.untracked && ' (outside the experiment)'}
          </span>
        ))}
        .{rollout.inExperiment && ' The context takes part in the experiment.'}
      </Text>
      <Text size="xs" c="dimmed">
        Seed {rollout.seed}
      </Text>
    </Stack>
  );
}
