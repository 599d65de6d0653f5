// What happened to a flag: who changed what, when and why; any state can be put back.
import { Stack } from '@mantine/core';
import { useState } from 'react';
import { Act } from '@/components/Act';
import { Answer } from '@/components/Answer';
import { Empty } from '@/components/Notices';
import type { TabProps } from '../FlagPage';
import { type Entry, useHistory } from '../questions';
import { Happening } from './Happening';
import { Revert } from './Revert';

export function HistoryTab({ projectKey, flag }: TabProps) {
  const history = useHistory(projectKey, flag.key);
  const [reverted, setReverted] = useState<string>();
  return (
    <Answer of={history} what="the history">
      {(pages) => {
        const entries: Entry[] = pages.pages.flatMap((page) => page.items);
        if (entries.length === 0) return <Empty title="Nothing has happened to this flag that you may see" />;
        return (
          <Stack gap="md">
            <Stack component="ol" gap="md" p={0} m={0} style={{ listStyle: 'none' }} aria-label="History">
              {entries.map((entry) => (
                <Happening key={entry._id} entry={entry} onRevert={() => setReverted(entry._id)} />
              ))}
            </Stack>
            {history.hasNextPage && (
              <Act variant="default" loading={history.isFetchingNextPage} onClick={() => void history.fetchNextPage()}>
                Show older changes
              </Act>
            )}
            <Revert
              projectKey={projectKey}
              flag={flag}
              entry={entries.find((each) => each._id === reverted)}
              newer={idsDownTo(entries, reverted)}
              onClose={() => setReverted(undefined)}
            />
          </Stack>
        );
      }}
    </Answer>
  );
}

/** From the newest entry down to one. */
function idsDownTo(entries: Entry[], id: string | undefined): string[] {
  const place = entries.findIndex((each) => each._id === id);
  return entries.slice(0, place + 1).map((each) => each._id);
}
