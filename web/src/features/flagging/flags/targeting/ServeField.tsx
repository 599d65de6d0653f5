// What is served: one variation, or shares of traffic.
import { Anchor, Select, Stack, Text } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { lazy, Suspense } from 'react';
import { labelOf } from '../values';
import { useEditing } from './editing';
import { rolloutFrom, type Serve } from './model/draft';
import { served } from './model/sentences';
import type { RunningExperiment } from './questions';

const RolloutFields = lazy(() => import('./RolloutFields').then((found) => ({ default: found.RolloutFields })));
const ROLLOUT = 'a percentage rollout';
/** What an experiment that no longer runs has left behind. */
const ENDED = 'an experiment';

interface Props {
  label: string;
  /** The id of the rule, or `fallthrough`. */
  place: string;
  serve: Serve;
  onChange: (serve: Serve) => void;
  disabled?: boolean;
}

export function ServeField({ label, place, serve, onChange, disabled }: Props) {
  const { variations, experimentAt, nameOf } = useEditing();
  const experiment = experimentAt(place);
  if (experiment) return <Held serve={serve} by={experiment} />;
  const choose = (value: string | null) => {
    if (!value || value === ENDED) return;
    if (value !== ROLLOUT) return onChange({ is: 'variation', variationId: value });
    const start = serve.is === 'variation' ? serve.variationId : (variations[0]?._id ?? '');
    onChange({ is: 'rollout', rollout: rolloutFrom(start, variations) });
  };
  return (
    <Stack gap="sm">
      <Select
        label={label}
        value={serve.is === 'variation' ? serve.variationId : serve.is === 'rollout' ? ROLLOUT : ENDED}
        onChange={choose}
        data={[
          ...variations.map((each, index) => ({ value: each._id ?? '', label: labelOf(each, index) })),
          { value: ROLLOUT, label: 'A percentage rollout' },
          ...(serve.is === 'experiment' ? [{ value: ENDED, label: served(serve, nameOf) }] : []),
        ]}
        allowDeselect={false}
        disabled={disabled}
        maw={360}
      />
      {serve.is === 'rollout' && (
        <Suspense fallback={<Text size="sm">Loading the shares…</Text>}>
          <RolloutFields
            rollout={serve.rollout}
            onChange={(rollout) => onChange({ is: 'rollout', rollout })}
            disabled={disabled}
          />
        </Suspense>
      )}
    </Stack>
  );
}

function Held({ serve, by }: { serve: Serve; by: RunningExperiment }) {
  const { nameOf, projectKey, environmentKey } = useEditing();
  return (
    <Text size="sm">
      Serves {served(serve, nameOf)}. The experiment{' '}
      <Anchor
        component={Link}
        to={`/projects/${projectKey}/${environmentKey}/experiments/${by.key}`}
        inherit
        underline="always"
      >
        {by.name}
      </Anchor>{' '}
      is running here: this cannot be changed until it is stopped.
    </Text>
  );
}
