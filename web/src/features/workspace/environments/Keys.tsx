// The keys of an environment: to copy, and to replace when one has leaked.
import { Box, Button, Group, Stack, Text } from '@mantine/core';
import { useState } from 'react';
import { Act } from '@/components/Act';
import { Confirm } from '@/components/Confirm';
import { CopyableKey } from '@/components/Copyable';
import * as addresses from '@/lib/addresses';
import type { Environment } from '@/lib/workspace';
import { useResetMobileKey } from './acts';
import { ResetSdkKey } from './ResetSdkKey';

interface Props {
  projectKey: string;
  environment: Environment;
}

export function Keys({ projectKey, environment }: Props) {
  const [resetting, setResetting] = useState<'sdk' | 'mobile'>();
  const resetMobile = useResetMobileKey(projectKey, environment.key);
  const resource = addresses.environment(projectKey, environment.key);
  const close = () => setResetting(undefined);
  const isMasked = environment.apiKey.startsWith('*');
  return (
    <Stack gap="sm">
      <Line label="SDK key" hint="Servers. Keep it secret.">
        <SecretKey value={environment.apiKey} isMasked={isMasked} environment={environment.name} />
        <Act
          size="compact-xs"
          variant="subtle"
          may={{ action: 'updateApiKey', resource }}
          onClick={() => setResetting('sdk')}
          aria-label={`Reset the SDK key of ${environment.name}`}
        >
          Reset
        </Act>
      </Line>
      <Line label="Mobile key" hint="Apps. Anybody with the app can read it.">
        <CopyableKey value={environment.mobileKey} what={`the mobile key of ${environment.name}`} />
        <Act
          size="compact-xs"
          variant="subtle"
          may={{ action: 'updateMobileKey', resource }}
          onClick={() => setResetting('mobile')}
          aria-label={`Reset the mobile key of ${environment.name}`}
        >
          Reset
        </Act>
      </Line>
      <Line label="Client-side ID" hint="Browsers. Public, and it stays as it is.">
        <CopyableKey value={environment._id} what={`the client-side ID of ${environment.name}`} />
      </Line>
      <ResetSdkKey projectKey={projectKey} environment={environment} opened={resetting === 'sdk'} onClose={close} />
      <Confirm
        opened={resetting === 'mobile'}
        onClose={close}
        title={`Reset the mobile key of ${environment.name}?`}
        verb="Reset mobile key"
        danger
        onConfirm={() => resetMobile.mutateAsync()}
      >
        The key in use stops working at once. Apps that have it serve what they last knew, or the fallback values in
        your code, until they are updated with the new one.
      </Confirm>
    </Stack>
  );
}

/** A key that stays covered until it is wanted. */
function SecretKey({ value, isMasked, environment }: { value: string; isMasked: boolean; environment: string }) {
  const [isShown, setShown] = useState(false);
  if (isMasked) {
    return (
      <Text size="sm" c="dimmed">
        Ends in {value.slice(-4)}; your role does not let you see it.
      </Text>
    );
  }
  return (
    <>
      <CopyableKey
        value={value}
        shown={isShown ? value : `sdk-••••••••${value.slice(-4)}`}
        what={`the SDK key of ${environment}`}
      />
      <Button
        size="compact-xs"
        variant="subtle"
        onClick={() => setShown(!isShown)}
        aria-label={`${isShown ? 'Hide' : 'Show'} the SDK key of ${environment}`}
      >
        {isShown ? 'Hide' : 'Show'}
      </Button>
    </>
  );
}

function Line({ label, hint, children }: { label: string; hint: string; children: React.ReactNode }) {
  return (
    <Group gap="xs">
      <Box w={{ base: '100%', sm: 230 }}>
        <Text size="sm">{label}</Text>
        <Text size="xs" c="dimmed">
          {hint}
        </Text>
      </Box>
      <Group gap={4}>{children}</Group>
    </Group>
  );
}
