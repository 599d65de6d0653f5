// What the command palette offers: pages, things by name, and acts upon them.
import '@mantine/spotlight/styles.css';
import { Loader } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { createSpotlight, Spotlight } from '@mantine/spotlight';
import { IconSearch } from '@tabler/icons-react';
import { useEffect, useState } from 'react';
import { type Command, useCommands } from './commands';
import { FlagSwitch, type Switching } from './FlagSwitch';

const [store, palette] = createSpotlight();

export function Commands({ onClose }: { onClose: () => void }) {
  const [wanted, setWanted] = useState('');
  const [asked] = useDebouncedValue(wanted, 150);
  const [switching, setSwitching] = useState<Switching>();
  const { groups, isSearching } = useCommands(asked, setSwitching);
  useEffect(() => palette.open(), []);

  if (switching) return <FlagSwitch {...switching} onClose={onClose} />;
  return (
    <Spotlight.Root
      store={store}
      query={wanted}
      onQueryChange={setWanted}
      onSpotlightClose={onClose}
      shortcut={null}
      scrollable
      maxHeight={440}
      attributes={{ content: { 'aria-label': 'Commands' } }}
    >
      <Spotlight.Search
        placeholder="A flag, metric, experiment or page; or “turn off checkout”"
        aria-label="Find or do anything"
        leftSection={isSearching ? <Loader size={16} /> : <IconSearch size={18} />}
      />
      <Spotlight.ActionsList>
        {groups.map(({ label, commands }) => (
          <Spotlight.ActionsGroup key={label} label={label}>
            {commands.map((command) => (
              <Offer key={command.id} command={command} />
            ))}
          </Spotlight.ActionsGroup>
        ))}
        {groups.length === 0 && (
          <Spotlight.Empty>{isSearching ? 'Searching…' : `Nothing is called “${wanted}”.`}</Spotlight.Empty>
        )}
      </Spotlight.ActionsList>
    </Spotlight.Root>
  );
}

function Offer({ command }: { command: Command }) {
  const Icon = command.icon;
  return (
    <Spotlight.Action
      label={command.label}
      description={command.description}
      leftSection={<Icon size={18} />}
      onClick={command.run}
      closeSpotlightOnTrigger={!command.staysOpen}
      highlightQuery={false}
    />
  );
}
