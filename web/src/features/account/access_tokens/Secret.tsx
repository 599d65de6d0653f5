// A new secret, shown this once.
import { Alert, Button, Group, Stack, Text } from '@mantine/core';
import { CodeBlock, CopyableKey } from '@/components/Copyable';

export function Secret({ secret, onClose }: { secret: string; onClose: () => void }) {
  const example = `curl -H 'Authorization: ${secret}' ${window.location.origin}/api/v2/projects`;
  return (
    <Stack>
      <Alert color="orange" title="Copy it now">
        <Text size="sm">It is shown this once and kept nowhere. Whoever has it can do what the token may.</Text>
      </Alert>
      <CopyableKey value={secret} what="the token" />
      <Text size="sm">Try it:</Text>
      <CodeBlock code={example} label="the example" />
      <Group justify="flex-end">
        <Button onClick={onClose}>I have copied it</Button>
      </Group>
    </Stack>
  );
}
