// Subscriptions and invoices without Checkout, and the clock that makes them renew.

import assert from 'node:assert/strict';

import { check } from '../report.js';
import { about } from './checkout.js';
import { checkPages, same } from './lists.js';

/** How often a clock is asked whether it has arrived. */
const ASK_EVERY_MS = 50;
const ASK_AT_MOST = 600;

const DAY_S = 24 * 3_600;

export async function checkBilling({ stripe, receiver }) {
  await check('an invoice is put together, finalized and paid', async () => {
    const customer = await payer(stripe);
    const invoice = await draft(stripe, customer, 1_500);
    const open = await stripe.invoices.finalizeInvoice(invoice.id);
    assert.deepEqual([invoice.status, open.status, open.amount_due], ['draft', 'open', 1_500]);
    const paid = await stripe.invoices.pay(invoice.id);
    assert.equal(paid.status, 'paid');
    same(await stripe.invoices.retrieve(invoice.id), paid);
    await receiver.event('invoice.paid', about('invoice.paid', invoice));
  });

  await check('an invoice is voided, one is written off, and a draft is deleted', async () => {
    const customer = await payer(stripe);
    const open = async () => stripe.invoices.finalizeInvoice((await draft(stripe, customer, 900)).id);
    assert.equal((await stripe.invoices.voidInvoice((await open()).id)).status, 'void');
    assert.equal((await stripe.invoices.markUncollectible((await open()).id)).status, 'uncollectible');
    const { id } = await draft(stripe, customer, 900);
    same(await stripe.invoices.del(id), { id, object: 'invoice', deleted: true });
  });
  await checkPages('invoice items', (params) => stripe.invoiceItems.list(params));

  await check('a trial ends and a subscription renews when its clock is advanced', async () => {
    const start = Math.floor(Date.now() / 1000);
    const clock = await stripe.testHelpers.testClocks.create({ frozen_time: start, name: 'conformance' });
    const customer = await payer(stripe, { test_clock: clock.id });
    const subscription = await stripe.subscriptions.create({
      customer: customer.id,
      items: [{ price: 'price_pro_monthly', quantity: 2 }],
      trial_period_days: 7,
    });
    assert.deepEqual([subscription.status, subscription.trial_end], ['trialing', start + 7 * DAY_S]);

    await advance(stripe, clock, start + 8 * DAY_S);
    const active = await stripe.subscriptions.retrieve(subscription.id, { expand: ['latest_invoice'] });
    assert.deepEqual([active.status, active.latest_invoice.total], ['active', 9_800]);

    await advance(stripe, clock, start + 42 * DAY_S);
    const renewed = await stripe.subscriptions.retrieve(subscription.id);
    assert.ok(renewed.items.data[0].current_period_start > active.items.data[0].current_period_start);
    assert.notEqual(renewed.latest_invoice, active.latest_invoice.id);
    await receiver.event('customer.subscription.updated', about('customer.subscription.updated', subscription));
    same(await stripe.testHelpers.testClocks.del(clock.id), {
      id: clock.id,
      object: 'test_helpers.test_clock',
      deleted: true,
    });
  });
}

/** A customer with a card. */
async function payer(stripe, more = {}) {
  const customer = await stripe.customers.create({ email: 'payer@example.com', ...more });
  const method = await stripe.paymentMethods.attach('pm_card_visa', { customer: customer.id });
  return stripe.customers.update(customer.id, { invoice_settings: { default_payment_method: method.id } });
}

/** An invoice over what the customer was going to be charged. */
async function draft(stripe, customer, amount) {
  await stripe.invoiceItems.create({ customer: customer.id, amount, currency: 'usd', description: 'Postage' });
  return stripe.invoices.create({ customer: customer.id, pending_invoice_items_behavior: 'include' });
}

/** Advances the clock, which arrives a while later, and waits for that. */
async function advance(stripe, { id }, frozen_time) {
  await stripe.testHelpers.testClocks.advance(id, { frozen_time });
  for (let asked = 0; asked < ASK_AT_MOST; asked += 1) {
    const clock = await stripe.testHelpers.testClocks.retrieve(id);
    if (clock.status === 'ready') {
      assert.equal(clock.frozen_time, frozen_time);
      return;
    }
    await new Promise((resolve) => setTimeout(resolve, ASK_EVERY_MS));
  }
  assert.fail('the clock did not arrive');
}
