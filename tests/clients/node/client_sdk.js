// The client-side SDK for Node and Electron, which is the JavaScript SDK 3 with other means of transport.
'use strict';

const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { initialize } = require('launchdarkly-node-client-sdk');
const { logger, serve } = require('./lines');

const PATIENCE_SECONDS = 10;

async function start({ url, environment, context, options = {}, hash }) {
  const addresses = { baseUrl: url, streamUrl: url, eventsUrl: url };
  const localStoragePath = fs.mkdtempSync(path.join(os.tmpdir(), 'client-sdk-'));
  process.on('exit', () => fs.rmSync(localStoragePath, { recursive: true, force: true }));
  const client = initialize(environment, context, { ...addresses, logger, localStoragePath, hash, ...options });
  client.on('error', error => logger.warn(error.message)); // without a listener the SDK shouts on the console
  try {
    await client.waitForInitialization(PATIENCE_SECONDS);
    return { client, initialized: true };
  } catch (error) {
    return { client, initialized: false, error: error.message };
  }
}

serve(start);
