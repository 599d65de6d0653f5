// The flags that match, as many as there are; what stands there when there are none.
import { Stack, Text } from '@mantine/core';
import { IconFlag } from '@tabler/icons-react';
import { type ReactNode, useMemo } from 'react';
import { Act } from '@/components/Act';
import { DataTable } from '@/components/DataTable';
import { Empty, Failure, Waiting } from '@/components/Notices';
import { Snippets } from '@/components/Snippets';
import { counted } from '@/lib/formats';
import { useEnvironments } from '@/lib/workspace';
import { useFlagList, useStatuses } from '../questions';
import { columnsOf } from './columns';
import { type FlagSearch, isNarrowed } from './search';

interface Props {
  projectKey: string;
  environmentKey: string;
  search: FlagSearch;
  /** The keys of the environments whose switches are shown. */
  shown: string[];
  onSort: (sort: string) => void;
  onClear: () => void;
  /** The button that creates a flag. */
  create: ReactNode;
}

export function FlagTable({ projectKey, environmentKey, search, shown, onSort, onClear, create }: Props) {
  const environments = useEnvironments(projectKey);
  const list = useFlagList(projectKey, search, shown);
  const statuses = useStatuses(projectKey, environmentKey);
  const columns = useMemo(() => {
    const pinned = environments.filter((each) => shown.includes(each.key));
    return columnsOf({ projectKey, environmentKey, environments: pinned, statuses: statuses.data });
  }, [projectKey, environmentKey, environments, shown, statuses.data]);

  if (list.error) return <Failure error={list.error} doing="load the flags" />;
  if (list.total === undefined) return <Waiting what="the flags" />;
  if (list.total === 0 && isNarrowed(search)) return <NoneMatch onClear={onClear} />;
  if (list.total === 0) return <NoFlags projectKey={projectKey} environmentKey={environmentKey} create={create} />;
  return (
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
        onSort={onSort}
        rowHeight={64}
      />
    </>
  );
}

function NoneMatch({ onClear }: { onClear: () => void }) {
  const clear = (
    <Act variant="default" onClick={onClear}>
      Clear search and filters
    </Act>
  );
  return (
    <Empty title="No flag matches" action={clear}>
      Archived flags are found by the state “Archived”.
    </Empty>
  );
}

function NoFlags({ projectKey, environmentKey, create }: Pick<Props, 'projectKey' | 'environmentKey' | 'create'>) {
  return (
    <Empty title="No flags yet" icon={<IconFlag size={40} />} action={create}>
      <Stack gap="md" align="center">
        <span>Connect your code first, or create a flag and come back for the code that asks for it.</span>
        <Snippets projectKey={projectKey} environmentKey={environmentKey} flagKey="my-first-flag" />
      </Stack>
    </Empty>
  );
}
