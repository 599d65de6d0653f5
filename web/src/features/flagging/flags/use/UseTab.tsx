// Code that asks for the flag, for every SDK, with the environment's keys filled in.
import { Alert, Anchor, Stack, Text } from '@mantine/core';
import { Snippets } from '@/components/Snippets';
import { useEnvironment } from '@/lib/workspace';
import type { TabProps } from '../FlagPage';
import { flagRoute } from '../routes';
import { kindOf } from '../values';

export function UseTab({ projectKey, environmentKey, flag }: TabProps) {
  const environment = useEnvironment(projectKey, environmentKey);
  const navigate = flagRoute.useNavigate();
  const { usingEnvironmentId, usingMobileKey } = flag.clientSideAvailability;
  const hidden = [!usingEnvironmentId && 'browsers', !usingMobileKey && 'mobile apps'].filter(Boolean);
  return (
    <Stack gap="md" maw={860}>
      <Text size="sm">
        Keys and addresses are those of {environment?.name ?? environmentKey}. The value that the code gives itself is
        used when the server cannot be reached.
      </Text>
      {hidden.length > 0 && (
        <Alert color="blue" variant="light" title={`Not delivered to ${hidden.join(' and ')}`}>
          Server-side SDKs receive this flag.{' '}
          <Anchor
            component="button"
            type="button"
            size="sm"
            onClick={() => void navigate({ search: { tab: 'settings' } })}
          >
            Change that in the settings
          </Anchor>{' '}
          if client-side code asks for it.
        </Alert>
      )}
      <Snippets
        projectKey={projectKey}
        environmentKey={environmentKey}
        flagKey={flag.key}
        flagKind={kindOf(flag.variations)}
      />
    </Stack>
  );
}
