// Who changed what, and when: every change that one may see, newest first.
import { Button, Center, Paper, Stack } from '@mantine/core';
import { Empty, Failure, Waiting } from '@/components/Notices';
import { Page } from '@/components/Page';
import { EntryDrawer } from './EntryDrawer';
import { EntryLine } from './EntryLine';
import { FilterBar } from './FilterBar';
import { type Filters, isFiltered } from './filters';
import { useEntries } from './questions';
import { auditLogRoute } from './routes';

export function AuditLogPage() {
  const { entry, ...filters } = auditLogRoute.useSearch();
  const navigate = auditLogRoute.useNavigate();
  const open = (id?: string) =>
    void navigate({ search: (before) => ({ ...before, entry: id }), resetScroll: false, replace: id === undefined });
  return (
    <Page title="Audit log" description="Every change, by people and by API clients, with what was there before.">
      <FilterBar
        filters={filters}
        onChange={(change) => void navigate({ search: (before) => ({ ...before, ...change }), replace: true })}
      />
      <Entries filters={filters} onOpen={open} />
      <EntryDrawer id={entry} onClose={() => open()} />
    </Page>
  );
}

function Entries({ filters, onOpen }: { filters: Filters; onOpen: (id: string) => void }) {
  const { data, error, refetch, hasNextPage, fetchNextPage, isFetchingNextPage } = useEntries(filters);
  if (!data && error) return <Failure error={error} doing="load the audit log" onRetry={() => void refetch()} />;
  if (!data) return <Waiting what="the audit log" />;
  const entries = data.pages.flatMap((page) => page.items);
  if (entries.length === 0) {
    return isFiltered(filters) ? (
      <Empty title="No change fits">Choose other days, or leave out one of the filters.</Empty>
    ) : (
      <Empty title="Nothing has been changed yet">Create a flag, and its first entry appears here.</Empty>
    );
  }
  return (
    <Stack>
      <Paper withBorder component="ul" m={0} p={0} style={{ listStyle: 'none' }} aria-label="Changes">
        {entries.map((entry) => (
          <EntryLine key={entry._id} entry={entry} onOpen={onOpen} />
        ))}
      </Paper>
      {error && <Failure error={error} doing="load older changes" onRetry={() => void fetchNextPage()} />}
      {hasNextPage && (
        <Center>
          <Button variant="default" loading={isFetchingNextPage} onClick={() => void fetchNextPage()}>
            Show older changes
          </Button>
        </Center>
      )}
    </Stack>
  );
}
