// Every flag of a project: found, filtered, and turned on and off where that is done most.
import { Stack } from '@mantine/core';
import { IconPlus } from '@tabler/icons-react';
import { Act } from '@/components/Act';
import { Page } from '@/components/Page';
import * as addresses from '@/lib/addresses';
import { useEnvironments } from '@/lib/workspace';
import { NewFlag } from './creating/NewFlag';
import { FlagFilters } from './list/FlagFilters';
import { FlagTable } from './list/FlagTable';
import type { FlagSearch } from './list/search';
import { useShown } from './list/shown';
import { flagsRoute } from './routes';

export function FlagsPage() {
  const { projectKey, environmentKey } = flagsRoute.useParams();
  const search = flagsRoute.useSearch();
  const navigate = flagsRoute.useNavigate();
  const change = (next: FlagSearch) => void navigate({ search: (known) => ({ ...known, ...next }), replace: true });
  const environments = useEnvironments(projectKey);
  const [shown, setShown] = useShown(projectKey, environmentKey, search.shown, (keys) => change({ shown: keys }));
  const create = (
    <Act
      may={{ action: 'createFlag', resource: addresses.flag(projectKey, '*') }}
      leftSection={<IconPlus size={16} />}
      onClick={() => change({ create: true })}
    >
      Create flag
    </Act>
  );

  return (
    <Page title="Flags" description="Decide who gets what, and change it without a release." actions={create}>
      <Stack gap="md">
        <FlagFilters search={search} onChange={change} environments={environments} shown={shown} onShow={setShown} />
        <FlagTable
          projectKey={projectKey}
          environmentKey={environmentKey}
          search={search}
          shown={shown}
          onSort={(sort) => change({ sort })}
          onClear={() => void navigate({ search: {} })}
          create={create}
        />
      </Stack>
      <NewFlag
        projectKey={projectKey}
        environmentKey={environmentKey}
        opened={search.create === true}
        onClose={() => change({ create: undefined })}
      />
    </Page>
  );
}
