// Nothing has arrived: what to send, with the environment's own keys.
import { Button, Stack, Text } from '@mantine/core';
import { IconActivity } from '@tabler/icons-react';
import { Empty } from '@/components/Notices';
import { Snippets } from '@/components/Snippets';
import { type Filter, isEverything } from './filter';

interface Props {
  projectKey: string;
  environmentKey: string;
  filter: Filter;
  onShowAll: () => void;
}

export function NothingYet({ projectKey, environmentKey, filter, onShowAll }: Props) {
  if (!isEverything(filter)) {
    return (
      <Empty
        title="Waiting for events that match"
        icon={<IconActivity size={36} />}
        action={
          <Button variant="default" onClick={onShowAll}>
            Show all events
          </Button>
        }
      >
        Nothing in the last ten minutes fits these filters. What fits appears here when it arrives.
      </Empty>
    );
  }
  return (
    <Empty title={`Waiting for events in ${environmentKey}`} icon={<IconActivity size={36} />}>
      <Stack>
        <Text>
          Nothing has arrived in the last ten minutes. Send an event with any SDK; it appears here a moment after the
          SDK has sent it.
        </Text>
        <Snippets projectKey={projectKey} environmentKey={environmentKey} eventKey="example-event" isNumeric />
      </Stack>
    </Empty>
  );
}
