// What is served: one variation, or shares of traffic.
import { Anchor, Select, Stack, Text } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { lazy, Suspense } from 'react';
import { labelOf } from '../values';
import { useEditing } from './editing';
import { rolloutFrom, type Serve } from './model/draft';
import { served } from './model/sentences';

const RolloutFields = lazy(() => import('./RolloutFields').then((found) => ({ default: found.RolloutFields })));
const ROLLOUT = 'a percentage rollout';

interface Props {
  label: string;
  serve: Serve;
  onChange: (serve: Serve) => void;
  disabled?: boolean;
}

export function ServeField({ label, serve, onChange, disabled }: Props) {
  const { variations } = useEditing();
  if (serve.is === 'experiment') return <HeldByExperiment serve={serve} />;
  const choose = (value: string | null) => {
    if (!value) return;
    if (value !== ROLLOUT) return onChange({ is: 'variation', variationId: value });
    const start = serve.is === 'variation' ? serve.variationId : (variations[0]?._id ?? '');
    onChange({ is: 'rollout', rollout: rolloutFrom(start, variations) });
  };
  return (
    <Stack gap="sm">
      <Select
        label={label}
        value={serve.is === 'variation' ? serve.variationId : ROLLOUT}
        onChange={choose}
        data={[
          ...variations.map((each, place) => ({ value: each._id ?? '', label: labelOf(each, place) })),
          { value: ROLLOUT, label: 'A percentage rollout' },
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

function HeldByExperiment({ serve }: { serve: Serve }) {
  const { nameOf, projectKey, environmentKey } = useEditing();
  return (
    <Text size="sm">
      Serves {served(serve, nameOf)}. The experiment decides about these shares: change them in{' '}
      <Anchor component={Link} to={`/projects/${projectKey}/${environmentKey}/experiments`} inherit underline="always">
        experiments
      </Anchor>
      .
    </Text>
  );
}
