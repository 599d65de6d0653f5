// A new SDK key, and how long the old one may go on working.
import { Radio, Stack, Text } from '@mantine/core';
import { useState } from 'react';
import { Confirm } from '@/components/Confirm';
import type { Environment } from '@/lib/workspace';
import { useResetSdkKey } from './acts';

const HOUR_MS = 3_600_000;
const DELAYS = [
  { label: 'At once: it has leaked', value: '0' },
  { label: 'In an hour', value: String(HOUR_MS) },
  { label: 'In a day', value: String(24 * HOUR_MS) },
  { label: 'In a week', value: String(7 * 24 * HOUR_MS) },
];
const ENDS_AT_ONCE = '0';

interface Props {
  projectKey: string;
  environment: Environment;
  opened: boolean;
  onClose: () => void;
}

export function ResetSdkKey({ projectKey, environment, opened, onClose }: Props) {
  const [delay, setDelay] = useState(String(24 * HOUR_MS));
  const reset = useResetSdkKey(projectKey, environment.key);
  const isHard = delay === ENDS_AT_ONCE;
  return (
    <Confirm
      opened={opened}
      onClose={onClose}
      title={`Reset the SDK key of ${environment.name}?`}
      verb="Reset SDK key"
      danger
      typed={isHard && environment.critical ? environment.key : undefined}
      onConfirm={() => reset.mutateAsync({ expiry: isHard ? undefined : Date.now() + Number(delay) })}
    >
      <Stack gap="sm">
        <Text size="sm">A new key is made at once. Put it in place of the old one before that ends.</Text>
        <Radio.Group label="The old key ends" value={delay} onChange={setDelay}>
          <Stack gap={6} mt={6}>
            {DELAYS.map((each) => (
              <Radio key={each.value} value={each.value} label={each.label} />
            ))}
          </Stack>
        </Radio.Group>
        <Text size="sm" role="status">
          {isHard
            ? 'Servers that use the old key are cut off now: they serve what they last knew, and after a restart the fallback values in your code.'
            : 'Until then both keys work.'}
        </Text>
      </Stack>
    </Confirm>
  );
}
