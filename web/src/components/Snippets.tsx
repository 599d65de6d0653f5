// The code for each SDK, ready to paste: the keys of the environment are filled in.
import { Stack, Tabs, Text } from '@mantine/core';
import { useRemembered } from '@/lib/remembered';
import { type SnippetFacts, snippets } from '@/lib/snippets';
import { useEnvironment } from '@/lib/workspace';
import { CodeBlock } from './Copyable';

interface Props extends Omit<SnippetFacts, 'baseUrl' | 'sdkKey' | 'clientSideId'> {
  projectKey: string;
  environmentKey: string;
}

export function Snippets({ projectKey, environmentKey, ...facts }: Props) {
  const environment = useEnvironment(projectKey, environmentKey);
  const [chosen, setChosen] = useRemembered('sdk', 'Python');
  const all = snippets({
    ...facts,
    baseUrl: window.location.origin,
    sdkKey: environment?.apiKey ?? 'your-sdk-key',
    clientSideId: environment?._id ?? 'your-client-side-id',
  });
  const value = all.some((each) => each.sdk === chosen) ? chosen : 'Python';
  return (
    <Tabs value={value} onChange={(sdk) => sdk && setChosen(sdk)} ta="left" w="100%">
      <Tabs.List>
        {all.map((each) => (
          <Tabs.Tab key={each.sdk} value={each.sdk}>
            {each.sdk}
          </Tabs.Tab>
        ))}
      </Tabs.List>
      {all.map((each) => (
        <Tabs.Panel key={each.sdk} value={each.sdk} pt="sm">
          <Stack gap="xs">
            <Text size="sm" c="dimmed" ff="monospace">
              {each.install}
            </Text>
            <CodeBlock code={each.code} label={`the ${each.sdk} code`} />
          </Stack>
        </Tabs.Panel>
      ))}
    </Tabs>
  );
}
