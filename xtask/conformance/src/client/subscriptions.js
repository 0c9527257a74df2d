// Subscriptions from the first session to their end, their invoices, and the events about them.

import assert from 'node:assert/strict';

import { check } from '../report.js';
import { pay, PAYS } from '../shopper.js';
import { about } from './checkout.js';
import { checkPages, same } from './lists.js';

const PRO = {
  mode: 'subscription',
  line_items: [{ price: 'price_pro_monthly', quantity: 1 }],
  success_url: 'http://127.0.0.1:3000/success?session_id={CHECKOUT_SESSION_ID}',
  subscription_data: { metadata: { payment_id: 'payment-2' } },
};

export async function checkSubscriptions({ stripe, receiver }) {
  await check('a subscription is bought, changed, scheduled to end, kept, and canceled', async () => {
    const subscription = await subscribe(stripe, 'linus@example.com');
    assert.deepEqual([subscription.status, subscription.metadata.payment_id], ['active', 'payment-2']);
    await receiver.event('customer.subscription.created', about('customer.subscription.created', subscription));

    const ending = await stripe.subscriptions.update(subscription.id, {
      cancel_at_period_end: true,
      metadata: { reason: 'moving on' },
    });
    assert.deepEqual([ending.status, ending.cancel_at_period_end], ['active', true]);
    const isUpdate = about('customer.subscription.updated', subscription);
    const change = await receiver.event(
      '…updated',
      (event) => isUpdate(event) && event.data.object.cancel_at_period_end,
    );
    assert.equal(change.data.previous_attributes.cancel_at_period_end, false);
    const kept = await stripe.subscriptions.update(subscription.id, { cancel_at_period_end: false });
    assert.deepEqual([kept.cancel_at_period_end, kept.metadata.reason], [false, 'moving on']);

    const ended = await stripe.subscriptions.cancel(subscription.id);
    assert.equal(ended.status, 'canceled');
    same(await stripe.subscriptions.retrieve(subscription.id), ended);
    const news = await receiver.event('…deleted', about('customer.subscription.deleted', subscription));
    same(news.data.object, ended);
  });

  await check('a subscription with a trial is bought twice over, and nothing is paid yet', async () => {
    const session = await stripe.checkout.sessions.create({
      ...PRO,
      line_items: [{ price: 'price_pro_monthly', quantity: 2 }],
      subscription_data: { trial_period_days: 7 },
    });
    assert.equal((await pay(session, PAYS)).status, 303);
    const { subscription, ...started } = await stripe.checkout.sessions.retrieve(session.id, {
      expand: ['subscription'],
    });
    assert.deepEqual([started.payment_status, started.amount_total], ['no_payment_required', 0]);
    assert.deepEqual([subscription.status, subscription.items.data[0].quantity], ['trialing', 2]);
  });

  await check('what has ended is listed only when asked for', async () => {
    const ended = await stripe.subscriptions.list({ status: 'canceled' });
    assert.ok(ended.data.length > 0);
    const current = await stripe.subscriptions.list();
    assert.ok(current.data.every((subscription) => subscription.status !== 'canceled'));
  });

  await check('an invoice names its subscription, its lines and its payment', async () => {
    const subscription = await subscribe(stripe, 'margaret@example.com');
    const invoice = await stripe.invoices.retrieve(subscription.latest_invoice, { expand: ['payments'] });
    assert.deepEqual([invoice.status, invoice.amount_paid], ['paid', 4_900]);
    assert.equal(invoice.parent.subscription_details.subscription, subscription.id);
    assert.equal(invoice.lines.data[0].pricing.price_details.price, 'price_pro_monthly');
    const intent = await stripe.paymentIntents.retrieve(invoice.payments.data[0].payment.payment_intent);
    assert.equal(intent.amount_received, 4_900);
    await receiver.event('invoice.paid', about('invoice.paid', invoice));
  });

  await checkPages('subscriptions', (params) => stripe.subscriptions.list({ status: 'all', ...params }));
  await checkPages('invoices', (params) => stripe.invoices.list(params));
  await checkPages('payment intents', (params) => stripe.paymentIntents.list(params));

  await check('the events are listed page by page as they were delivered', async () => {
    const types = ['customer.subscription.*', 'invoice.paid'];
    const whole = await stripe.events.list({ types, limit: 100 });
    const paged = await stripe.events.list({ types, limit: 3 }).autoPagingToArray({ limit: 1_000 });
    assert.deepEqual(
      paged.map((event) => event.id),
      whole.data.map((event) => event.id),
    );
    for (const { id, type, data } of paged) {
      const delivered = await receiver.event(`${type} ${id}`, (event) => event.id === id);
      same(delivered.data, data);
    }
    same((await stripe.events.retrieve(paged[0].id)).data, paged[0].data);
  });
}

async function subscribe(stripe, email) {
  const customer = await stripe.customers.create({ email });
  const session = await stripe.checkout.sessions.create({ ...PRO, customer: customer.id });
  assert.equal((await pay(session, PAYS)).status, 303);
  const expand = ['subscription', 'customer', 'invoice', 'line_items'];
  const paid = await stripe.checkout.sessions.retrieve(session.id, { expand });
  assert.equal(paid.payment_status, 'paid');
  return stripe.subscriptions.retrieve(paid.subscription.id);
}
