// The server-side SDK for Node, driven by a test.
'use strict';

const { logger, serve } = require('./lines');

const PATIENCE_SECONDS = 10;
const LONG_WAIT_MS = 20_000;

async function start({ url, key, options = {}, longWaitsTakeMs }) {
  if (longWaitsTakeMs) shortenLongWaits(longWaitsTakeMs);
  const sdk = require('@launchdarkly/node-server-sdk');
  const addresses = { baseUri: url, streamUri: url, eventsUri: url };
  const client = sdk.init(key, { ...addresses, logger, ...options });
  try {
    await client.waitForInitialization({ timeout: PATIENCE_SECONDS });
    return { client, initialized: client.initialized() };
  } catch (error) {
    return { client, initialized: client.initialized(), error: error.message };
  }
}

// The SDK polls every half minute at most; a test has no time for that.
function shortenLongWaits(takeMs) {
  const wait = globalThis.setTimeout;
  globalThis.setTimeout = (act, ms, ...rest) => wait(act, ms >= LONG_WAIT_MS ? takeMs : ms, ...rest);
}

serve(start, {
  // How each context is answered for each flag, in that order.
  details: (client, flags, contexts, otherwise) =>
    Promise.all(
      contexts.map(context =>
        Promise.all(flags.map(flag => client.variationDetail(flag, context, otherwise))),
      ),
    ),
});
