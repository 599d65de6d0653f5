// The people of the account, and their roles.
import { Group, Stack, Text } from '@mantine/core';
import { Chip } from '@/components/Chip';
import { type Column, DataTable } from '@/components/DataTable';
import { Ago } from '@/components/Moment';
import { Empty, Failure, Waiting } from '@/components/Notices';
import { Page } from '@/components/Page';
import { SearchField } from '@/components/SearchField';
import { useMember } from '@/lib/session';
import { MemberMenu } from './MemberMenu';
import { type Member, useMembers } from './questions';
import { membersRoute } from './routes';

export function MembersPage() {
  const { q, sort = 'displayName' } = membersRoute.useSearch();
  const navigate = membersRoute.useNavigate();
  const members = useMembers(q, sort);
  return (
    <Page title="Members" description="Whoever can sign in, and what each may do.">
      <Stack gap="sm">
        <SearchField
          label="Find by name or e-mail"
          value={q ?? ''}
          onSearch={(text) =>
            void navigate({ search: (before) => ({ ...before, q: text || undefined }), replace: true })
          }
          w={{ base: '100%', xs: 320 }}
        />
        {members.error ? (
          <Failure error={members.error} doing="load the members" />
        ) : members.total === undefined ? (
          <Waiting what="the members" />
        ) : members.total === 0 ? (
          <Empty title={`Nobody has “${q}” in their name or e-mail`}>Clear the search to see everybody.</Empty>
        ) : (
          <DataTable
            label="Members"
            columns={COLUMNS}
            total={members.total}
            rowAt={members.rowAt}
            rowKey={(member) => member._id}
            onShow={members.show}
            sort={sort}
            onSort={(by) => void navigate({ search: (before) => ({ ...before, sort: by }), replace: true })}
          />
        )}
      </Stack>
    </Page>
  );
}

const COLUMNS: Column<Member>[] = [
  {
    key: 'name',
    header: 'Name',
    sort: 'displayName',
    width: 'minmax(160px, 2fr)',
    render: (member) => <Name member={member} />,
  },
  {
    key: 'role',
    header: 'Role',
    width: 'minmax(90px, 1fr)',
    render: ({ role, customRoles }) => (
      <Text size="sm">
        {customRoles.length > 0
          ? `${customRoles.length} custom ${customRoles.length === 1 ? 'role' : 'roles'}`
          : role.charAt(0).toUpperCase() + role.slice(1).replace('_', ' ')}
      </Text>
    ),
  },
  {
    key: 'seen',
    header: 'Last seen',
    sort: 'lastSeen',
    width: '160px',
    wideOnly: true,
    render: (member) => <Text size="sm">{member._lastSeen ? <Ago at={member._lastSeen} /> : 'Never'}</Text>,
  },
  {
    key: 'acts',
    header: 'Actions',
    hideHeader: true,
    width: '52px',
    render: (member) => <MemberMenu member={member} />,
  },
];

function Name({ member }: { member: Member }) {
  const isMe = useMember()._id === member._id;
  const name = [member.firstName, member.lastName].filter(Boolean).join(' ');
  return (
    <Stack gap={0} style={{ minWidth: 0 }}>
      <Group gap={6} wrap="nowrap">
        <Text size="sm" fw={600} truncate>
          {name || member.email}
        </Text>
        {isMe && <Chip>You</Chip>}
      </Group>
      {name && (
        <Text size="xs" c="dimmed" truncate>
          {member.email}
        </Text>
      )}
    </Stack>
  );
}
