// Where one is signed in, and the way out of each.
import { Button, Divider, Group, Stack, Text } from '@mantine/core';
import { Fragment, useState } from 'react';
import { Answer } from '@/components/Answer';
import { Chip } from '@/components/Chip';
import { Confirm } from '@/components/Confirm';
import { Ago } from '@/components/Moment';
import { date } from '@/lib/formats';
import { useEndAllBrowsers, useEndBrowser } from './acts';
import { agentName } from './agents';
import { type Browser, useBrowsers } from './questions';
import { Section } from './Section';

export function Browsers() {
  const browsers = useBrowsers();
  const [isLeaving, setLeaving] = useState(false);
  const endAll = useEndAllBrowsers();
  return (
    <Section
      title="Where you are signed in"
      description="A browser that is not used for 14 days is signed out, and every browser after 90."
    >
      <Answer of={browsers} what="where you are signed in" lines={3}>
        {(found) => (
          <Stack gap="sm">
            {found.map((each, place) => (
              <Fragment key={each._id}>
                {place > 0 && <Divider />}
                <One browser={each} />
              </Fragment>
            ))}
          </Stack>
        )}
      </Answer>
      <Group>
        <Button color="red" variant="light" onClick={() => setLeaving(true)}>
          Sign out everywhere
        </Button>
      </Group>
      <Confirm
        opened={isLeaving}
        onClose={() => setLeaving(false)}
        title="Sign out everywhere?"
        verb="Sign out everywhere"
        danger
        onConfirm={() => endAll.mutateAsync()}
      >
        Every browser is signed out, this one included. Access tokens go on working.
      </Confirm>
    </Section>
  );
}

function One({ browser }: { browser: Browser }) {
  const end = useEndBrowser();
  const name = agentName(browser.userAgent);
  return (
    <Group justify="space-between" wrap="nowrap">
      <div style={{ minWidth: 0 }}>
        <Group gap="xs">
          <Text size="sm" fw={600}>
            {name}
          </Text>
          {browser.isCurrent && <Chip tone="good">This browser</Chip>}
        </Group>
        <Text size="sm" c="dimmed">
          From {browser.address || 'an unknown address'}, since {date(browser.createdAt)}, last used{' '}
          <Ago at={browser.lastUsedAt} />
        </Text>
      </div>
      {!browser.isCurrent && (
        <Button
          variant="default"
          size="xs"
          style={{ flex: 'none' }}
          loading={end.isPending}
          onClick={() => end.mutate(browser._id)}
          aria-label={`Sign out ${name}, last used ${date(browser.lastUsedAt)}`}
        >
          Sign out
        </Button>
      )}
    </Group>
  );
}
