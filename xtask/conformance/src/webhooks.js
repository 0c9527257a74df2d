// The official library signs; our endpoint has to tell what Stripe signed from what it did not.

import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';

import { check, section } from './report.js';
import { newFile, startSandbox, startService } from './programs.js';
import { Buyer, deliver } from './service.js';

const OLD = 'whsec_conformance_old';
const NEW = 'whsec_conformance_new';
const NOBODYS = 'whsec_conformance_nobodys';

/** Nobody listens there: in these checks only we say what Stripe says. */
const NOWHERE = 'http://127.0.0.1:9/';

const processed = { status: 200, outcome: 'processed', code: undefined };
const ignored = { ...processed, outcome: 'ignored' };
const duplicate = { ...processed, outcome: 'duplicate' };
const refused = { status: 400, outcome: undefined, code: 'invalid_signature' };

/**
 * Signs every kind of webhook with one secret, and with two while one is rolled, for a service on each database.
 * `postgres` are the URLs of empty databases on a server, one for each service; none: only SQLite.
 */
export async function checkWebhooks(program, connect, postgres) {
  const sandbox = await startSandbox(program, NOWHERE);
  const stripe = connect(sandbox.url, sandbox.secretKey);
  const databases = { SQLite: [newFile(), newFile()] };
  if (postgres.length > 0) databases.PostgreSQL = postgres;
  for (const [name, [forOne, forTwo]] of Object.entries(databases)) {
    for (const [database, secrets] of [
      [forOne, [NEW]],
      [forTwo, [OLD, NEW]],
    ]) {
      section(`webhooks signed by the official library; the endpoint knows ${secrets.length} secret(s); ${name}`);
      const { url } = await startService(program, sandbox, database, secrets);
      await checkEndpoint({ program, stripe, url, secrets, on: name });
    }
  }
}

async function checkEndpoint({ program, stripe, url, secrets, on }) {
  for (const secret of secrets) {
    const endpoint = new Endpoint(stripe, url, secret);
    const buyer = (name) => Buyer.signIn(program, url, `${name}-${randomBytes(4).toString('hex')}`, stripe);
    const which = secrets.length > 1 ? `, signed with secret ${secrets.indexOf(secret) + 1}` : '';
    const by = ` (${on}${which})`;
    await checkSessions(endpoint, buyer, by);
    await checkSubscriptions(endpoint, buyer, by);
    await checkMoney(endpoint, buyer, by);
    await checkOthers(endpoint, by);
    await checkForgeries(endpoint, buyer, by);
  }
  if (secrets.length > 1) await checkRolling(new Endpoint(stripe, url, OLD), ` (${on})`);
}

/** Our endpoint, and what Stripe sends to it. */
class Endpoint {
  constructor(stripe, url, secret) {
    Object.assign(this, { stripe, url, secret });
  }

  sign(payload, secret = this.secret, timestamp = undefined) {
    return this.stripe.webhooks.generateTestHeaderString({ payload, secret, timestamp });
  }

  send(event) {
    const payload = JSON.stringify(event, null, 2);
    return deliver(this.url, payload, this.sign(payload));
  }
}

/** An event as Stripe writes it; `created` is the second in which it was made. */
function event(type, object, created = now()) {
  return {
    id: `evt_${randomBytes(12).toString('hex')}`,
    object: 'event',
    api_version: '2026-09-30.endive',
    created,
    data: { object },
    livemode: false,
    pending_webhooks: 1,
    request: { id: null, idempotency_key: null },
    type,
  };
}

const now = () => Math.floor(Date.now() / 1000);

async function checkSessions(endpoint, buyer, by) {
  const paid = { status: 'complete', payment_status: 'paid' };
  const unpaid = { status: 'complete', payment_status: 'unpaid' };
  const stories = [
    [['completed', paid, 'succeeded']],
    [
      ['completed', unpaid, 'processing'],
      ['async_payment_succeeded', paid, 'succeeded'],
    ],
    [
      ['completed', unpaid, 'processing'],
      ['async_payment_failed', unpaid, 'failed'],
    ],
    [['expired', { status: 'expired', payment_status: 'unpaid' }, 'expired']],
  ];
  for (const story of stories) {
    const name = story.map(([type]) => `checkout.session.${type}`).join(', ');
    await check(`${name}: the payment is ${story.at(-1)[2]}${by}`, async () => {
      const alice = await buyer('alice');
      const session = await alice.checkout('price_lifetime');
      for (const [type, change, status] of story) {
        const news = event(`checkout.session.${type}`, { ...session, ...change });
        assert.deepEqual(await endpoint.send(news), processed);
        assert.equal(await alice.paymentStatus(session), status);
        assert.deepEqual(await endpoint.send(news), duplicate);
      }
    });
  }
}

async function checkSubscriptions(endpoint, buyer, by) {
  const story = [
    ['created', { status: 'trialing' }],
    ['trial_will_end', { status: 'trialing' }],
    ['updated', { status: 'past_due' }],
    ['pending_update_applied', { status: 'active' }],
    ['pending_update_expired', { status: 'active' }],
    ['paused', { status: 'paused' }],
    ['resumed', { status: 'active' }],
    ['deleted', { status: 'canceled' }],
  ];
  const bob = await buyer('bob');
  const subscription = await bob.subscribe('price_pro_monthly');
  const start = now() - story.length;
  for (const [index, [type, change]] of story.entries()) {
    await check(`customer.subscription.${type}: the subscription is ${change.status}${by}`, async () => {
      const news = event(`customer.subscription.${type}`, { ...subscription, ...change }, start + index);
      assert.deepEqual(await endpoint.send(news), processed);
      assert.equal((await bob.subscriptionStatus()).status, change.status);
      assert.deepEqual(await endpoint.send(news), duplicate);
    });
  }
}

/** What was billed, given back and disputed, and a customer who is no more. */
async function checkMoney(endpoint, buyer, by) {
  const carol = await buyer('carol');
  const { customer } = await carol.subscribe('price_pro_monthly');
  const [invoice] = (await endpoint.stripe.invoices.list({ customer, expand: ['data.payments'] })).data;
  const { payment_intent } = invoice.payments.data[0].payment;
  const refund = await endpoint.stripe.refunds.create({ payment_intent, amount: 100 });
  const charge = await endpoint.stripe.charges.retrieve(refund.charge);
  const dispute = {
    id: `du_${randomBytes(12).toString('hex')}`,
    object: 'dispute',
    amount: 4_900,
    currency: 'usd',
    charge: charge.id,
    payment_intent,
    status: 'needs_response',
  };
  const stories = [
    ['invoice', { ...invoice, status: 'draft' }, ['created', 'updated']],
    ['invoice', { ...invoice, status: 'open' }, ['finalized', 'payment_failed', 'marked_uncollectible', 'voided']],
    ['invoice', invoice, ['paid', 'deleted']],
    ['refund', refund, ['created', 'updated']],
    ['charge', refund, ['refund.updated']],
    ['charge', charge, ['refunded']],
    ['refund', { ...refund, status: 'failed' }, ['failed']],
    ['charge.dispute', dispute, ['created', 'funds_withdrawn', 'updated', 'funds_reinstated']],
    ['charge.dispute', { ...dispute, status: 'lost' }, ['closed']],
    ['customer', { id: customer, object: 'customer' }, ['deleted']],
  ];
  for (const [family, object, names] of stories) {
    for (const name of names) {
      const type = `${family}.${name}`;
      await check(`${type} is taken in once${by}`, async () => {
        const news = event(type, object);
        assert.deepEqual(await endpoint.send(news), processed);
        assert.deepEqual(await endpoint.send(news), duplicate);
      });
    }
  }
}

async function checkOthers(endpoint, by) {
  const thin = {
    id: 'evt_test_thin',
    object: 'v2.core.event',
    type: 'v2.core.event_destination.ping',
    created: new Date().toISOString(),
    livemode: false,
  };
  const others = {
    'a type that nobody knows': event('a.type.nobody.knows', { id: 'x_1', object: 'x' }),
    'a type that we do not act on': event('customer.created', { id: 'cus_x', object: 'customer' }),
    'a thin event': { ...thin, id: `evt_${randomBytes(12).toString('hex')}` },
  };
  for (const [name, news] of Object.entries(others)) {
    await check(`${name} is accepted and ignored${by}`, async () => {
      assert.deepEqual(await endpoint.send(news), ignored);
    });
  }
}

async function checkForgeries(endpoint, buyer, by) {
  const alice = await buyer('alice');
  const session = await alice.checkout('price_lifetime');
  const paid = event('checkout.session.completed', { ...session, status: 'complete', payment_status: 'paid' });
  const payload = JSON.stringify(paid);
  const attempts = {
    'a wrong secret': [payload, endpoint.sign(payload, NOBODYS)],
    'a body that was changed on the way': [payload.replace(session.id, `${session.id}x`), endpoint.sign(payload)],
    'a body that was written anew': [JSON.stringify(paid, null, 1), endpoint.sign(payload)],
    'a signature that is too old': [payload, endpoint.sign(payload, endpoint.secret, now() - 400)],
  };
  for (const [name, [body, signature]] of Object.entries(attempts)) {
    await check(`${name} is refused${by}`, async () => {
      assert.deepEqual(await deliver(endpoint.url, body, signature), refused);
      assert.equal(await alice.paymentStatus(session), 'pending');
    });
  }
  await check(`what was refused was not stored: the true one is news${by}`, async () => {
    assert.deepEqual(await deliver(endpoint.url, payload, endpoint.sign(payload)), processed);
    assert.equal(await alice.paymentStatus(session), 'succeeded');
  });
}

/** While a secret is rolled, Stripe signs with both; one that we know is enough, wherever it stands. */
async function checkRolling(endpoint, by) {
  const payload = () => JSON.stringify(event('a.type.nobody.knows', { id: 'x_1', object: 'x' }));
  const both = (body, first, second) => {
    const timestamp = now();
    const header = (secret) => endpoint.sign(body, secret, timestamp);
    return `${header(first)},${header(second).split(',')[1]}`;
  };
  for (const [first, second] of [
    [OLD, NEW],
    [NOBODYS, NEW],
    [NEW, NOBODYS],
  ]) {
    const names = [first, second].map((secret) => secret.replace('whsec_conformance_', '')).join(' and ');
    await check(`a header with the signatures of ${names} is accepted${by}`, async () => {
      const body = payload();
      assert.deepEqual(await deliver(endpoint.url, body, both(body, first, second)), ignored);
    });
  }
  await check(`a header with two signatures of nobody is refused${by}`, async () => {
    const body = payload();
    assert.deepEqual(await deliver(endpoint.url, body, both(body, NOBODYS, `${NOBODYS}2`)), refused);
  });
}
