// The JavaScript SDK 4 for browsers, on a page that is only as much of a browser as the SDK asks for.
'use strict';

const { EventSource } = require('launchdarkly-eventsource');
const { createClient } = require('@launchdarkly/js-client-sdk');
const { logger, serve } = require('./lines');

const PATIENCE_SECONDS = 10;

async function start({ url, environment, context, options = {}, hash, page = 'https://shop.example/' }) {
  openPage(page);
  const addresses = { baseUri: url, streamUri: url, eventsUri: url };
  const client = createClient(environment, context, { ...addresses, logger, ...options });
  const outcome = await client.start({ timeout: PATIENCE_SECONDS, identifyOptions: { hash } });
  return { client, initialized: outcome.status === 'complete', error: outcome.error && outcome.error.message };
}

// What a page in a browser has and Node has not.
function openPage(address) {
  globalThis.EventSource = BrowserEventSource;
  globalThis.window = {
    location: new URL(address),
    addEventListener() {},
    removeEventListener() {},
  };
  Object.defineProperty(globalThis, 'localStorage', { value: new MemoryStorage(), configurable: true });
}

// A page's event source takes an address and no more, and never tells a status.
class BrowserEventSource {
  constructor(address) {
    this.source = new EventSource(address);
    this.source.onopen = () => this.onopen && this.onopen();
    this.source.onerror = () => this.onerror && this.onerror({ type: 'error' });
  }

  addEventListener(type, listener) {
    this.source.addEventListener(type, listener);
  }

  close() {
    this.source.close();
  }
}

class MemoryStorage {
  constructor() {
    this.items = new Map();
  }

  get length() {
    return this.items.size;
  }

  key(index) {
    return [...this.items.keys()][index] ?? null;
  }

  getItem(key) {
    return this.items.get(key) ?? null;
  }

  setItem(key, value) {
    this.items.set(key, String(value));
  }

  removeItem(key) {
    this.items.delete(key);
  }
}

serve(start, {
  identify: (client, context, hash) => client.identify(context, { hash }),
  // Goes to another page as single-page applications do; the SDK looks where it is three times a second.
  visit: async (_, address) => {
    globalThis.window.location = new URL(address);
    await new Promise(resolve => setTimeout(resolve, 700));
  },
});
