// Code to paste for each SDK, with the addresses and keys of an environment filled in.

export interface SnippetFacts {
  /** Where this server is, for instance `https://flags.example.com`. */
  baseUrl: string;
  sdkKey: string;
  clientSideId: string;
  flagKey?: string;
  flagKind?: 'boolean' | 'string' | 'number' | 'json';
  eventKey?: string;
  /** Whether the event carries a number. */
  isNumeric?: boolean;
  contextKind?: string;
}

export interface Snippet {
  sdk: string;
  language: string;
  install: string;
  code: string;
}

/** One snippet per SDK: connect, and evaluate a flag and send an event where they are named. */
export function snippets(facts: SnippetFacts): Snippet[] {
  return [python(facts), node(facts), browser(facts), react(facts), go(facts), java(facts), curl(facts)];
}

const FALLBACKS = { boolean: 'false', string: '"fallback"', number: '0', json: '{}' } as const;

function parts(facts: SnippetFacts) {
  const kind = facts.flagKind ?? 'boolean';
  return {
    kind,
    fallback: FALLBACKS[kind],
    unit: facts.contextKind ?? 'user',
    quoted: (text: string) => JSON.stringify(text),
  };
}

function lines(...each: (string | false | undefined)[]): string {
  return each.filter((line) => line !== false && line !== undefined).join('\n');
}

function python(facts: SnippetFacts): Snippet {
  const { kind, unit, quoted } = parts(facts);
  const fallback = { boolean: 'False', string: '"fallback"', number: '0', json: '{}' }[kind];
  return {
    sdk: 'Python',
    language: 'python',
    install: 'pip install launchdarkly-server-sdk',
    code: lines(
      'import ldclient',
      'from ldclient import Config, Context',
      '',
      `url = ${quoted(facts.baseUrl)}`,
      `ldclient.set_config(Config(${quoted(facts.sdkKey)}, base_uri=url, stream_uri=url, events_uri=url))`,
      'client = ldclient.get()',
      '',
      `context = Context.builder("some-${unit}-key").kind(${quoted(unit)}).build()`,
      facts.flagKey && `value = client.variation(${quoted(facts.flagKey)}, context, ${fallback})`,
      facts.eventKey &&
        `client.track(${quoted(facts.eventKey)}, context${facts.isNumeric ? ', metric_value=12.5' : ''})`,
    ),
  };
}

function node(facts: SnippetFacts): Snippet {
  const { fallback, unit, quoted } = parts(facts);
  return {
    sdk: 'Node.js',
    language: 'javascript',
    install: 'npm install @launchdarkly/node-server-sdk',
    code: lines(
      "import { init } from '@launchdarkly/node-server-sdk';",
      '',
      `const url = ${quoted(facts.baseUrl)};`,
      `const client = init(${quoted(facts.sdkKey)}, { baseUri: url, streamUri: url, eventsUri: url });`,
      'await client.waitForInitialization({ timeout: 5 });',
      '',
      `const context = { kind: ${quoted(unit)}, key: "some-${unit}-key" };`,
      facts.flagKey && `const value = await client.variation(${quoted(facts.flagKey)}, context, ${fallback});`,
      facts.eventKey &&
        `client.track(${quoted(facts.eventKey)}, context${facts.isNumeric ? ', undefined, 12.5' : ''});`,
    ),
  };
}

function browser(facts: SnippetFacts): Snippet {
  const { fallback, unit, quoted } = parts(facts);
  return {
    sdk: 'JavaScript (browser)',
    language: 'javascript',
    install: 'npm install @launchdarkly/js-client-sdk',
    code: lines(
      "import { createClient } from '@launchdarkly/js-client-sdk';",
      '',
      `const url = ${quoted(facts.baseUrl)};`,
      `const context = { kind: ${quoted(unit)}, key: "some-${unit}-key" };`,
      `const client = createClient(${quoted(facts.clientSideId)}, context, {`,
      '  baseUri: url, streamUri: url, eventsUri: url,',
      '});',
      'await client.start();',
      '',
      facts.flagKey && `const value = client.variation(${quoted(facts.flagKey)}, ${fallback});`,
      facts.eventKey && `client.track(${quoted(facts.eventKey)}${facts.isNumeric ? ', undefined, 12.5' : ''});`,
    ),
  };
}

function react(facts: SnippetFacts): Snippet {
  const { unit, quoted } = parts(facts);
  return {
    sdk: 'React',
    language: 'tsx',
    install: 'npm install launchdarkly-react-client-sdk',
    code: lines(
      "import { useFlags, useLDClient, withLDProvider } from 'launchdarkly-react-client-sdk';",
      '',
      `const url = ${quoted(facts.baseUrl)};`,
      'export default withLDProvider({',
      `  clientSideID: ${quoted(facts.clientSideId)},`,
      `  context: { kind: ${quoted(unit)}, key: "some-${unit}-key" },`,
      '  options: { baseUrl: url, streamUrl: url, eventsUrl: url },',
      '  reactOptions: { useCamelCaseFlagKeys: false },',
      '})(App);',
      '',
      '// in a component',
      facts.flagKey && `const value = useFlags()[${quoted(facts.flagKey)}];`,
      facts.eventKey && `useLDClient()?.track(${quoted(facts.eventKey)}${facts.isNumeric ? ', undefined, 12.5' : ''});`,
    ),
  };
}

function go(facts: SnippetFacts): Snippet {
  const { kind, fallback, unit, quoted } = parts(facts);
  const method = {
    boolean: 'BoolVariation',
    string: 'StringVariation',
    number: 'Float64Variation',
    json: 'JSONVariation',
  };
  const missing = kind === 'json' ? 'ldvalue.Null()' : fallback;
  const usesValues = (facts.flagKey && kind === 'json') || (facts.eventKey && facts.isNumeric);
  return {
    sdk: 'Go',
    language: 'go',
    install: 'go get github.com/launchdarkly/go-server-sdk/v7',
    code: lines(
      'import (',
      '\t"time"',
      '',
      '\t"github.com/launchdarkly/go-sdk-common/v3/ldcontext"',
      usesValues && '\t"github.com/launchdarkly/go-sdk-common/v3/ldvalue"',
      '\tld "github.com/launchdarkly/go-server-sdk/v7"',
      '\t"github.com/launchdarkly/go-server-sdk/v7/ldcomponents"',
      ')',
      '',
      'config := ld.Config{',
      `\tServiceEndpoints: ldcomponents.RelayProxyEndpoints(${quoted(facts.baseUrl)}),`,
      '}',
      `client, err := ld.MakeCustomClient(${quoted(facts.sdkKey)}, config, 5*time.Second)`,
      '',
      `context := ldcontext.NewWithKind(${quoted(unit)}, "some-${unit}-key")`,
      facts.flagKey && `value, err := client.${method[kind]}(${quoted(facts.flagKey)}, context, ${missing})`,
      facts.eventKey &&
        facts.isNumeric &&
        `client.TrackMetric(${quoted(facts.eventKey)}, context, 12.5, ldvalue.Null())`,
      facts.eventKey && !facts.isNumeric && `client.TrackEvent(${quoted(facts.eventKey)}, context)`,
    ),
  };
}

function java(facts: SnippetFacts): Snippet {
  const { kind, fallback, unit, quoted } = parts(facts);
  const method = {
    boolean: 'boolVariation',
    string: 'stringVariation',
    number: 'doubleVariation',
    json: 'jsonValueVariation',
  };
  const missing = kind === 'json' ? 'LDValue.ofNull()' : fallback;
  return {
    sdk: 'Java',
    language: 'java',
    install: 'com.launchdarkly:launchdarkly-java-server-sdk',
    code: lines(
      'import com.launchdarkly.sdk.*;',
      'import com.launchdarkly.sdk.server.*;',
      '',
      'LDConfig config = new LDConfig.Builder()',
      `    .serviceEndpoints(Components.serviceEndpoints().relayProxy(${quoted(facts.baseUrl)}))`,
      '    .build();',
      `LDClient client = new LDClient(${quoted(facts.sdkKey)}, config);`,
      '',
      `LDContext context = LDContext.create(ContextKind.of(${quoted(unit)}), "some-${unit}-key");`,
      facts.flagKey && `var value = client.${method[kind]}(${quoted(facts.flagKey)}, context, ${missing});`,
      facts.eventKey &&
        (facts.isNumeric
          ? `client.trackMetric(${quoted(facts.eventKey)}, context, LDValue.ofNull(), 12.5);`
          : `client.track(${quoted(facts.eventKey)}, context);`),
    ),
  };
}

function curl(facts: SnippetFacts): Snippet {
  const { unit } = parts(facts);
  const context = `{"kind":"${unit}","key":"some-${unit}-key"}`;
  const event = `{"kind":"custom","key":"${facts.eventKey}","creationDate":'$(date +%s000)',"context":${context}${
    facts.isNumeric ? ',"metricValue":12.5' : ''
  }}`;
  return {
    sdk: 'curl',
    language: 'shell',
    install: 'Nothing to install',
    code: facts.eventKey
      ? lines(
          `curl ${facts.baseUrl}/bulk -X POST \\`,
          `  -H 'Authorization: ${facts.sdkKey}' -H 'Content-Type: application/json' \\`,
          `  -H 'X-LaunchDarkly-Event-Schema: 4' \\`,
          `  -d '[${event}]'`,
        )
      : lines(
          `curl ${facts.baseUrl}/sdk/evalx/${facts.clientSideId}/context -X REPORT \\`,
          `  -H 'Content-Type: application/json' \\`,
          `  -d '${context}'`,
        ),
  };
}
