// Stripe's command line makes events happen in the sandbox, and they arrive by webhook.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import path from 'node:path';

import { scratchFolder } from './programs.js';
import { check, section } from './report.js';

const EVENTS = [
  'checkout.session.completed',
  'customer.subscription.created',
  'customer.subscription.updated',
  'customer.subscription.deleted',
  'invoice.paid',
  'invoice.payment_failed',
  'charge.refunded',
  'charge.dispute.created',
  'payment_intent.payment_failed',
];

/** Nobody listens there. */
const NOWHERE = 'http://127.0.0.1:9';

export async function checkCommandLine({ key, recorder, receiver }) {
  section("events that Stripe's command line triggers arrive by webhook");
  const home = scratchFolder();
  for (const type of EVENTS) {
    await check(`stripe trigger ${type}`, async () => {
      const before = receiver.events.length;
      await trigger(type, ['--api-base', recorder.url, '--api-key', key], home);
      const event = await receiver.event(type, (news) => news.type === type, before);
      assert.equal(event.api_version, '2026-09-30.endive');
    });
  }
  await check('every webhook of the run was signed as the official library wants it', () => {
    assert.deepEqual(receiver.refused, []);
    assert.ok(receiver.events.length > 0);
  });
}

/** Runs the command line in a home of its own; what it complains about is the error. */
async function trigger(type, options, home) {
  const env = {
    PATH: process.env.PATH,
    HOME: home,
    STRIPE_CLI_TELEMETRY_OPTOUT: '1',
    // It looks for newer versions of itself; it need not find any.
    HTTPS_PROXY: NOWHERE,
    NO_PROXY: '127.0.0.1',
  };
  const program = path.resolve('node_modules/.bin/stripe');
  const child = spawn(program, ['trigger', type, ...options], { env, stdio: ['ignore', 'pipe', 'pipe'] });
  const said = [];
  child.stdout.on('data', (chunk) => said.push(chunk));
  child.stderr.on('data', (chunk) => said.push(chunk));
  const code = await new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  assert.equal(code, 0, Buffer.concat(said).toString().trim());
}
