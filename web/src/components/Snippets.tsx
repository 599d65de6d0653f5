// The code for each SDK, ready to paste: the keys of the environment are filled in.
import { Stack, Tabs, Text } from '@mantine/core';
import { useRemembered } from '@/lib/remembered';
import { type SnippetFacts, snippets } from '@/lib/snippets';
import { useEnvironment } from '@/lib/workspace';
import { CodeBlock } from './Copyable';

interface Props extends Omit<SnippetFacts, 'baseUrl' | 'sdkKey' | 'clientSideId'> {
  projectKey: string;
  environmentKey: string;
  /** Leave out what does not run in a page. */
  onlyPages?: boolean;
}

const IN_PAGES = new Set(['JavaScript (browser)', 'React']);

export function Snippets({ projectKey, environmentKey, onlyPages = false, ...facts }: Props) {
  const environment = useEnvironment(projectKey, environmentKey);
  const [chosen, setChosen] = useRemembered('sdk', 'Python');
  const known = snippets({
    ...facts,
    baseUrl: window.location.origin,
    sdkKey: environment?.apiKey ?? 'your-sdk-key',
    clientSideId: environment?._id ?? 'your-client-side-id',
  });
  const all = onlyPages ? known.filter((each) => IN_PAGES.has(each.sdk)) : known;
  const value = (all.find((each) => each.sdk === chosen) ?? all[0])?.sdk ?? '';
  return (
    <Tabs
      value={named(value)}
      onChange={(name) => setChosen(all.find((each) => named(each.sdk) === name)?.sdk ?? chosen)}
      ta="left"
      w="100%"
    >
      <Tabs.List>
        {all.map((each) => (
          <Tabs.Tab key={each.sdk} value={named(each.sdk)}>
            {each.sdk}
          </Tabs.Tab>
        ))}
      </Tabs.List>
      {all.map((each) => (
        <Tabs.Panel key={each.sdk} value={named(each.sdk)} pt="sm">
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

/** Elements refer to each other by names, and those have no spaces. */
function named(sdk: string): string {
  return sdk.replace(/\W+/g, '-');
}
