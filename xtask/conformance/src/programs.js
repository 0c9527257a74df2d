// The programs under test, each on a free port and in a folder that goes away afterwards.

import { spawn, execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';

export const TOKEN_SECRET = 'a-token-secret-of-the-conformance-run-0123';

const running = [];
const folders = [];

/** A folder that `stopAll` removes. */
export function scratchFolder() {
  const folder = mkdtempSync(path.join(tmpdir(), 'settled-conformance-'));
  folders.push(folder);
  return folder;
}

/** The built-in Stripe alone. It posts its events to `forwardTo`. */
export async function startSandbox(program, forwardTo) {
  const journal = path.join(scratchFolder(), 'sandbox.journal');
  const args = ['sandbox', '--forward-to', forwardTo, '--journal', journal, '--redirect-hold-s', '0'];
  const { stdout } = start(program, args, { SANDBOX_ADDR: '127.0.0.1:0' });
  const told = {};
  await lineThat(stdout, (line) => {
    const [, name, value] = line.match(/^\s*(STRIPE_\w+)=(\S+)/) ?? [];
    if (name) told[name] = value;
    return 'STRIPE_WEBHOOK_SECRET' in told;
  });
  return {
    url: told.STRIPE_API_BASE.replace(/\/$/, ''),
    secretKey: told.STRIPE_SECRET_KEY,
    webhookSecret: told.STRIPE_WEBHOOK_SECRET,
  };
}

/** The URL of a database file that is not there yet. */
export const newFile = () => `sqlite://${path.join(scratchFolder(), 'settled.db')}`;

/** The service over this empty database, with `sandbox` as its Stripe account and these signing secrets. */
export async function startService(program, sandbox, databaseUrl, webhookSecrets) {
  const vars = {
    LISTEN_ADDR: '127.0.0.1:0',
    DATABASE_URL: databaseUrl,
    STRIPE_API_BASE: `${sandbox.url}/`,
    STRIPE_SECRET_KEY: sandbox.secretKey,
    STRIPE_WEBHOOK_SECRET: webhookSecrets.join(','),
    AUTH_JWT_SECRET: TOKEN_SECRET,
  };
  const { stderr } = start(program, ['serve'], vars);
  const ready = await lineThat(stderr, (line) => line.includes('"message":"ready"'));
  return { url: JSON.parse(ready).public_url.replace(/\/$/, '') };
}

/** A token for `user`, made by the program itself. */
export async function tokenFor(program, user) {
  const env = { AUTH_JWT_SECRET: TOKEN_SECRET };
  const { stdout } = await promisify(execFile)(program, ['token', '--user', user], { env });
  return stdout.trim();
}

/** Stops what was started here and removes its folders. */
export async function stopAll() {
  const ended = running.map((child) => child.exitCode ?? new Promise((resolve) => child.once('exit', resolve)));
  for (const child of running) child.kill('SIGKILL');
  await Promise.all(ended);
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
}

function start(program, args, vars) {
  // Nothing of the caller's environment: its own keys must not leak in.
  const child = spawn(program, args, { env: { ...vars, LOG_FORMAT: 'json' }, stdio: ['ignore', 'pipe', 'pipe'] });
  running.push(child);
  const output = (stream) => ({ child, stream, seen: [], lines: createInterface({ input: stream }) });
  const stdout = output(child.stdout);
  const stderr = output(child.stderr);
  stderr.lines.on('line', (line) => stderr.seen.push(line));
  stdout.complaints = stderr.seen;
  stderr.complaints = stderr.seen;
  return { stdout, stderr };
}

/** The first line of which `matches` says so. The rest is read and dropped, so that the program never blocks. */
function lineThat({ child, lines, complaints }, matches) {
  return new Promise((resolve, reject) => {
    lines.on('line', (line) => matches(line) && resolve(line));
    const ended = (code) => reject(new Error(`${child.spawnfile} ended (${code}):\n${complaints.join('\n')}`));
    child.once('exit', ended);
    child.once('error', reject);
  });
}
