// Writes src/lib/api/schema.d.ts: the types of the API as this very server describes itself.
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import openapiTS, { astToString } from 'openapi-typescript';

const program = new URL('../../.venv/bin/flaghoist', import.meta.url).pathname;
const target = new URL('../src/lib/api/schema.d.ts', import.meta.url);

if (!existsSync(program)) {
  console.error('flaghoist: .venv/bin/flaghoist is missing; run `make setup` first');
  process.exit(1);
}
const described = spawnSync(program, ['openapi'], { maxBuffer: 64 * 1024 * 1024, encoding: 'utf8' });
if (described.status !== 0) {
  console.error(`flaghoist: the server cannot describe its API: ${described.stderr.trim().split('\n').at(-1)}`);
  process.exit(1);
}
const types = astToString(await openapiTS(JSON.parse(described.stdout), { defaultNonNullable: false }));
if (!existsSync(target) || readFileSync(target, 'utf8') !== types) writeFileSync(target, types);
