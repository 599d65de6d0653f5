// The tokens with which programs use the API: what each may do, when it was last used, and the end of it.
import { Group, Stack, Switch, Text } from '@mantine/core';
import { IconPlus } from '@tabler/icons-react';
import { useState } from 'react';
import { Act } from '@/components/Act';
import { Answer } from '@/components/Answer';
import { type Column, DataTable } from '@/components/DataTable';
import { Empty } from '@/components/Notices';
import { Page } from '@/components/Page';
import { SearchField } from '@/components/SearchField';
import { count, counted } from '@/lib/formats';
import { useMember } from '@/lib/session';
import { CreateToken } from './CreateToken';
import { Expiry, LastUsed, Limits, Name } from './cells';
import { chosen } from './limits';
import { type Token, useTokens } from './questions';
import { accessTokensRoute, type TokensSearch } from './routes';
import { TokenMenu } from './TokenMenu';

export function AccessTokensPage() {
  const { everybody = false } = accessTokensRoute.useSearch();
  const [isCreating, setCreating] = useState(false);
  const member = useMember();
  const tokens = useTokens(everybody);
  return (
    <Page
      title="Access tokens"
      description="Programs use the API with a token. A personal token never does more than its member may; a service token stands alone."
      actions={
        <Act
          leftSection={<IconPlus size={16} />}
          may={{ action: 'createAccessToken', resource: `member/${member._id}:token/*` }}
          onClick={() => setCreating(true)}
        >
          Create token
        </Act>
      }
    >
      <Answer of={tokens} what="the tokens">
        {(found) => <List tokens={found.items} total={found.totalCount} />}
      </Answer>
      <CreateToken opened={isCreating} onClose={() => setCreating(false)} />
    </Page>
  );
}

function List({ tokens, total }: { tokens: Token[]; total: number }) {
  const { q, everybody = false, sort = 'name' } = accessTokensRoute.useSearch();
  const navigate = accessTokensRoute.useNavigate();
  const narrow = (change: TokensSearch) =>
    void navigate({ search: (before) => ({ ...before, ...change }), replace: true });
  const shown = chosen(tokens, q, sort);
  return (
    <Stack gap="sm">
      <Group justify="space-between">
        <Group>
          <SearchField
            label="Find by name, owner or ending"
            value={q ?? ''}
            onSearch={(text) => narrow({ q: text || undefined })}
            w={{ base: '100%', xs: 300 }}
          />
          <Switch
            label="Everybody's"
            checked={everybody}
            onChange={(event) => narrow({ everybody: event.currentTarget.checked || undefined })}
          />
        </Group>
        <Text size="sm" c="dimmed" aria-live="polite">
          {counted(shown.length, 'token')}
          {tokens.length < total && `; the first ${count(tokens.length)} of ${count(total)} are searched`}
        </Text>
      </Group>
      {tokens.length === 0 ? (
        <Empty title="There is no token yet">Create one for a script, for Terraform, or for your CI.</Empty>
      ) : shown.length === 0 ? (
        <Empty title={`No token has “${q}” in its name, owner or ending`}>Clear the search to see all of them.</Empty>
      ) : (
        <DataTable
          label="Access tokens"
          columns={COLUMNS}
          total={shown.length}
          rowAt={(place) => shown[place]}
          rowKey={(token) => token._id}
          sort={sort}
          onSort={(by) => narrow({ sort: by })}
        />
      )}
    </Stack>
  );
}

const COLUMNS: Column<Token>[] = [
  {
    key: 'name',
    header: 'Name',
    sort: 'name',
    width: 'minmax(160px, 2fr)',
    render: (token) => <Name token={token} />,
  },
  { key: 'limits', header: 'May', width: 'minmax(90px, 1fr)', render: (token) => <Limits token={token} /> },
  {
    key: 'owner',
    header: 'Owner',
    width: 'minmax(140px, 1fr)',
    wideOnly: true,
    render: (token) => (
      <Text size="sm" truncate>
        {token._member?.email ?? 'gone'}
      </Text>
    ),
  },
  {
    key: 'used',
    header: 'Last used',
    sort: 'used',
    width: '140px',
    wideOnly: true,
    render: (token) => <LastUsed token={token} />,
  },
  { key: 'ends', header: 'Ends', width: '130px', wideOnly: true, render: (token) => <Expiry token={token} /> },
  {
    key: 'acts',
    header: 'Actions',
    hideHeader: true,
    width: '52px',
    render: (token) => <TokenMenu token={token} />,
  },
];
