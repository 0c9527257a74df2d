// Runs every part. The arguments are what `cargo xtask conformance` has built and found.

import { parseArgs } from 'node:util';

import Stripe from 'stripe';

import { checkCommandLine } from './cli.js';
import { checkClient } from './client.js';
import { checkFixtures } from './fixtures.js';
import { startSandbox, stopAll } from './programs.js';
import { startReceiver } from './receiver.js';
import { startRecorder } from './recorder.js';
import { conclude } from './report.js';
import { checkSchema } from './schema.js';
import { Samples } from './samples.js';
import { checkWebhooks } from './webhooks.js';

const { values: options } = parseArgs({
  options: {
    settled: { type: 'string' },
    'read-events': { type: 'string' },
    fixtures: { type: 'string' },
  },
});

/** Empty databases on a PostgreSQL server. Not an argument: the password is in it. */
const postgres = (process.env.CONFORMANCE_POSTGRES ?? '').split(' ').filter(Boolean);

/** The official library as the client of the Stripe at `url`. */
function connect(url, key, more = {}) {
  const { hostname, port } = new URL(url);
  return new Stripe(key, { host: hostname, port, protocol: 'http', telemetry: false, maxNetworkRetries: 0, ...more });
}

/** A sandbox whose events go to a receiver, and the recorder through which it is asked. */
async function startWorld(samples) {
  const receiver = await startReceiver(samples);
  const sandbox = await startSandbox(options.settled, receiver.url);
  const recorder = await startRecorder(sandbox.url, samples);
  const connectHere = (key, more) => connect(recorder.url, key, more);
  const stripe = connectHere(sandbox.secretKey);
  receiver.accept(stripe, sandbox.webhookSecret);
  return { stripe, connect: connectHere, key: sandbox.secretKey, recorder, receiver };
}

try {
  await checkWebhooks(options.settled, connect, postgres);
  const samples = new Samples();
  const world = await startWorld(samples);
  await checkClient(world);
  await checkCommandLine(world);
  await world.recorder.stop();
  await world.receiver.stop();
  await checkSchema(samples);
  if (options.fixtures) {
    await checkFixtures(options.fixtures, { readEvents: options['read-events'], stripe: world.stripe, samples });
  }
} finally {
  await stopAll();
}
process.exitCode = conclude();
