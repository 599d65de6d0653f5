// What SDKs and imports send to an environment, as it arrives.
import { Button, Code } from '@mantine/core';
import { IconPlayerPause, IconPlayerPlay, IconTrash } from '@tabler/icons-react';
import { useState } from 'react';
import { Page } from '@/components/Page';
import { Filters } from './Filters';
import type { Filter } from './filter';
import { NothingYet } from './NothingYet';
import { useReading } from './reading';
import { liveEventsRoute } from './routes';
import { Status } from './Status';
import { Stream } from './Stream';
import { useLiveEvents } from './stream';

export function LiveEventsPage() {
  const { projectKey, environmentKey } = liveEventsRoute.useParams();
  const filter = liveEventsRoute.useSearch();
  const navigate = liveEventsRoute.useNavigate();
  const change = (changed: Filter) =>
    void navigate({ search: (before) => ({ ...before, ...changed }), replace: true, resetScroll: false });

  const [isPaused, setPaused] = useState(false);
  const [opened, setOpened] = useState<number>();
  const { top, isReading, backToTop } = useReading();
  const isHeld = isPaused || isReading || opened !== undefined;
  const { tape, connection, release, clear } = useLiveEvents(projectKey, environmentKey, filter, isHeld);

  const goOn = () => {
    setPaused(false);
    setOpened(undefined);
    release();
    backToTop();
  };
  return (
    <Page
      title="Live events"
      tab={`Live events in ${environmentKey}`}
      description={
        <>
          What SDKs and imports are sending to <Code>{environmentKey}</Code> now, and the last ten minutes. Events that
          could not be used say why.
        </>
      }
      actions={
        <>
          <Button
            variant={isPaused ? 'filled' : 'default'}
            leftSection={isPaused ? <IconPlayerPlay size={16} /> : <IconPlayerPause size={16} />}
            onClick={isPaused ? goOn : () => setPaused(true)}
          >
            {isPaused ? 'Resume' : 'Pause'}
          </Button>
          <Button
            variant="default"
            leftSection={<IconTrash size={16} />}
            onClick={() => {
              setOpened(undefined);
              clear();
            }}
          >
            Clear
          </Button>
        </>
      }
    >
      <Filters filter={filter} onChange={change} />
      <Status tape={tape} connection={connection} isPaused={isPaused} isHeld={isHeld} onGoOn={goOn} />
      <div ref={top}>
        {tape.shown.length > 0 ? (
          <Stream
            projectKey={projectKey}
            environmentKey={environmentKey}
            events={tape.shown}
            opened={opened}
            onOpen={setOpened}
          />
        ) : (
          <NothingYet
            projectKey={projectKey}
            environmentKey={environmentKey}
            filter={filter}
            onShowAll={() => change({ kind: undefined, key: undefined, q: undefined, problems: undefined })}
          />
        )}
      </div>
    </Page>
  );
}
