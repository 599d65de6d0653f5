// The context to explain: typed as JSON, begun from an example, or taken up again.
import { Anchor, Button, Group, JsonInput, Stack, Text } from '@mantine/core';
import { getHotkeyHandler } from '@mantine/hooks';
import { useEffect, useState } from 'react';
import { Copy } from '@/components/Copyable';
import { type Context, called, EXAMPLES, readContext, written } from './contexts';

interface Props {
  /** The context in the URL, as JSON. */
  asked: string;
  recent: Context[];
  isBusy: boolean;
  onAsk: (context: Context) => void;
  onForget: () => void;
}

export function ContextEditor({ asked, recent, isBusy, onAsk, onForget }: Props) {
  const [text, setText] = useState(() => beginning(asked));
  useEffect(() => {
    if (asked) setText(beginning(asked));
  }, [asked]);
  const read = readContext(text);
  const ask = () => 'context' in read && onAsk(read.context);
  const take = (context: Context) => {
    setText(written(context));
    onAsk(context);
  };

  return (
    <Stack gap="sm">
      <JsonInput
        label="Context"
        description="As an SDK would give it: one kind, or several with “multi”. Ctrl+Enter explains."
        value={text}
        onChange={setText}
        error={'problem' in read ? read.problem : undefined}
        autosize
        minRows={8}
        maxRows={24}
        spellCheck={false}
        onKeyDown={getHotkeyHandler([['mod+Enter', ask]])}
        styles={{ input: { fontFamily: 'var(--mantine-font-family-monospace)' } }}
      />
      <Group>
        <Button onClick={ask} disabled={'problem' in read} loading={isBusy}>
          Explain
        </Button>
        <Copy value={window.location.href} label="Copy the link to this answer" />
      </Group>
      <Choices label="Examples" contexts={EXAMPLES} onTake={take} />
      {recent.length > 0 && (
        <>
          <Choices
            label="Used lately in this browser"
            contexts={recent.map((context) => ({ label: called(context), context }))}
            onTake={take}
          />
          <Anchor component="button" type="button" size="xs" onClick={onForget} style={{ alignSelf: 'flex-start' }}>
            Forget them
          </Anchor>
        </>
      )}
    </Stack>
  );
}

interface ChoicesProps {
  label: string;
  contexts: { label: string; context: Context }[];
  onTake: (context: Context) => void;
}

function Choices({ label, contexts, onTake }: ChoicesProps) {
  return (
    <Stack gap={4} role="group" aria-label={label}>
      <Text size="xs" c="dimmed">
        {label}
      </Text>
      <Group gap={6}>
        {contexts.map(({ label: name, context }) => (
          <Button
            key={JSON.stringify(context)}
            size="compact-sm"
            variant="default"
            fw={400}
            maw={260}
            onClick={() => onTake(context)}
          >
            {name}
          </Button>
        ))}
      </Group>
    </Stack>
  );
}

function beginning(asked: string): string {
  const read = readContext(asked);
  if ('context' in read) return written(read.context);
  return asked || written(EXAMPLES[0]?.context ?? { kind: 'user', key: 'ann' });
}
