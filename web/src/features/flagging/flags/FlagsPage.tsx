// Every flag of a project: found, filtered, and turned on and off where that is done most.
import { Group, Stack, Text } from '@mantine/core';
import { IconFlag, IconPlus } from '@tabler/icons-react';
import { useMemo } from 'react';
import { Act } from '@/components/Act';
import { DataTable } from '@/components/DataTable';
import { Empty, Failure, Waiting } from '@/components/Notices';
import { Page } from '@/components/Page';
import { Snippets } from '@/components/Snippets';
import * as addresses from '@/lib/addresses';
import { counted } from '@/lib/formats';
import { useEnvironments } from '@/lib/workspace';
import { NewFlag } from './creating/NewFlag';
import { columnsOf } from './list/columns';
import { FlagFilters } from './list/FlagFilters';
import { type FlagSearch, isNarrowed } from './list/search';
import { useShown } from './list/shown';
import { useFlagList, useStatuses } from './questions';
import { flagsRoute } from './routes';

export function FlagsPage() {
  const { projectKey, environmentKey } = flagsRoute.useParams();
  const search = flagsRoute.useSearch();
  const navigate = flagsRoute.useNavigate();
  const change = (next: FlagSearch) => void navigate({ search: (known) => ({ ...known, ...next }), replace: true });
  const environments = useEnvironments(projectKey);
  const [shown, setShown] = useShown(projectKey, environmentKey, search.shown, (keys) => change({ shown: keys }));
  const pinned = useMemo(() => environments.filter((each) => shown.includes(each.key)), [environments, shown]);
  const list = useFlagList(projectKey, search, shown);
  const statuses = useStatuses(projectKey, environmentKey);
  const columns = useMemo(
    () => columnsOf({ projectKey, environmentKey, environments: pinned, statuses: statuses.data }),
    [projectKey, environmentKey, pinned, statuses.data],
  );
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
        {list.error && <Failure error={list.error} doing="load the flags" />}
        {list.isPending && !list.error && <Waiting what="the flags" />}
        {list.total === 0 && (isNarrowed(search) ? <NoneMatch onClear={() => void navigate({ search: {} })} /> : null)}
        {list.total === 0 && !isNarrowed(search) && (
          <NoFlags projectKey={projectKey} environmentKey={environmentKey} action={create} />
        )}
        {list.total !== undefined && list.total > 0 && (
          <>
            <Text size="sm" c="dimmed" role="status">
              {counted(list.total, 'flag')}
            </Text>
            <DataTable
              label="Flags"
              columns={columns}
              total={list.total}
              rowAt={list.rowAt}
              rowKey={(flag) => flag.key}
              onShow={list.show}
              sort={search.sort ?? '-creationDate'}
              onSort={(sort) => change({ sort })}
              rowHeight={64}
            />
          </>
        )}
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

function NoneMatch({ onClear }: { onClear: () => void }) {
  return (
    <Empty
      title="No flag matches"
      action={
        <Act variant="default" onClick={onClear}>
          Clear search and filters
        </Act>
      }
    >
      Archived flags are found by the state “archived”.
    </Empty>
  );
}

interface NoFlagsProps {
  projectKey: string;
  environmentKey: string;
  action: React.ReactNode;
}

function NoFlags({ projectKey, environmentKey, action }: NoFlagsProps) {
  return (
    <Empty title="No flags yet" icon={<IconFlag size={40} />} action={action}>
      <Stack gap="md" align="center">
        <span>Connect your code first, or create a flag and come back for the code that asks for it.</span>
        <Group w="100%">
          <Snippets projectKey={projectKey} environmentKey={environmentKey} flagKey="my-first-flag" />
        </Group>
      </Stack>
    </Empty>
  );
}
