// Lets a test drive an SDK: one JSON command a line comes in, one JSON answer a line goes out.
'use strict';

const diagnostics = require('node:diagnostics_channel');
const readline = require('node:readline');

// What the SDKs log goes to standard error, which tests show when something fails.
const logger = Object.fromEntries(
  ['debug', 'info', 'warn', 'error'].map(level => [level, (...said) => console.error(`${level}:`, ...said)]),
);

// Answers commands `{"call": name, "args": […]}` until standard input ends. `start` makes the client from its
// arguments and says how that went; `acts` are what the SDK's own methods do not say in JSON; every other call goes to
// the client's method of that name.
function serve(start, acts = {}) {
  const traffic = watchTraffic();
  let client;
  const answer = async ({ call, args = [] }) => {
    if (call === 'traffic') return traffic;
    if (call === 'start') {
      const begun = await start(...args);
      client = begun.client;
      return { initialized: begun.initialized, error: begun.error };
    }
    return call in acts ? acts[call](client, ...args) : client[call](...args);
  };
  let before = Promise.resolve();
  const lines = readline.createInterface({ input: process.stdin });
  lines.on('line', line => {
    const { id, ...command } = JSON.parse(line);
    before = before.then(() => answer(command)).then(
      found => reply({ id, answer: found === undefined ? null : found }),
      error => reply({ id, error: String((error && error.message) || error) }),
    );
  });
  lines.on('close', () => before.then(() => process.exit(0)));
}

// Every request that was answered so far, in order: `{origin, method, path, status}`.
function watchTraffic() {
  const seen = [];
  diagnostics.subscribe('http.client.response.finish', ({ request, response }) => {
    const { protocol, host, method, path } = request;
    const port = request.socket.remotePort;
    seen.push({ origin: `${protocol}//${host}:${port}`, method, path, status: response.statusCode });
  });
  diagnostics.subscribe('undici:request:headers', ({ request, response }) => {
    seen.push({ origin: String(request.origin), method: request.method, path: request.path, status: response.statusCode });
  });
  return seen;
}

function reply(message) {
  process.stdout.write(`${JSON.stringify(message)}\n`);
}

module.exports = { logger, serve };
