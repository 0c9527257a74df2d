// Payments without Checkout, and what may happen to them afterwards: refunds and disputes.

import assert from 'node:assert/strict';

import Stripe from 'stripe';

import { check } from '../report.js';
import { about } from './checkout.js';
import { checkPages, same } from './lists.js';

/** Paid at once, with one of Stripe's test methods. */
const paid = (stripe, payment_method, amount = 5_000) =>
  stripe.paymentIntents.create({
    amount,
    currency: 'usd',
    payment_method,
    confirm: true,
    automatic_payment_methods: { enabled: true, allow_redirects: 'never' },
  });

export async function checkPayments({ stripe, receiver }) {
  await check('a payment intent is created, changed, confirmed', async () => {
    const created = await stripe.paymentIntents.create({ amount: 1_000, currency: 'usd' });
    assert.equal(created.status, 'requires_payment_method');
    const updated = await stripe.paymentIntents.update(created.id, { amount: 1_100, metadata: { order: '1' } });
    assert.deepEqual([updated.amount, updated.metadata.order], [1_100, '1']);
    const confirmed = await stripe.paymentIntents.confirm(created.id, {
      payment_method: 'pm_card_visa',
      return_url: 'http://127.0.0.1:3000/',
    });
    assert.deepEqual([confirmed.status, confirmed.amount_received], ['succeeded', 1_100]);
    same(await stripe.paymentIntents.retrieve(created.id), confirmed);
  });

  await check('a payment intent is canceled, and then cannot be confirmed', async () => {
    const created = await stripe.paymentIntents.create({ amount: 1_000, currency: 'usd' });
    const canceled = await stripe.paymentIntents.cancel(created.id);
    assert.equal(canceled.status, 'canceled');
    await assert.rejects(stripe.paymentIntents.confirm(created.id, { payment_method: 'pm_card_visa' }), {
      type: 'StripeInvalidRequestError',
      code: 'payment_intent_unexpected_state',
      statusCode: 400,
    });
  });

  await check('a declined card is a card error that carries the payment intent', async () => {
    const error = await paid(stripe, 'pm_card_chargeDeclined').then(assert.fail, (refusal) => refusal);
    assert.ok(error instanceof Stripe.errors.StripeCardError, error);
    assert.deepEqual([error.statusCode, error.code, error.decline_code], [402, 'card_declined', 'generic_decline']);
    assert.equal(error.payment_intent.status, 'requires_payment_method');
    await receiver.event('…failed', about('payment_intent.payment_failed', error.payment_intent));
  });

  await check('a payment is refunded in two parts, and not a third time', async () => {
    const intent = await paid(stripe, 'pm_card_visa');
    const refund = await stripe.refunds.create({ payment_intent: intent.id, amount: 2_000 });
    assert.deepEqual([refund.status, refund.amount], ['succeeded', 2_000]);
    same(await stripe.refunds.retrieve(refund.id), refund);
    const updated = await stripe.refunds.update(refund.id, { metadata: { why: 'half of it was missing' } });
    assert.equal(updated.metadata.why, 'half of it was missing');
    await stripe.refunds.create({ payment_intent: intent.id });
    const charge = await stripe.charges.retrieve(intent.latest_charge);
    assert.deepEqual([charge.refunded, charge.amount_refunded], [true, 5_000]);
    await receiver.event(
      'charge.refunded',
      (event) => about('charge.refunded', charge)(event) && event.data.object.refunded,
    );
    await assert.rejects(stripe.refunds.create({ payment_intent: intent.id }), {
      type: 'StripeInvalidRequestError',
      code: 'charge_already_refunded',
    });
  });
  await checkPages('refunds', (params) => stripe.refunds.list(params));

  await check('disputes are opened by a test card, answered with evidence, and accepted', async () => {
    for (const amount of [7_000, 8_000]) {
      const intent = await paid(stripe, 'pm_card_createDispute', amount);
      const ours = (event) => event.type === 'charge.dispute.created' && event.data.object.payment_intent === intent.id;
      const { data } = await receiver.event('charge.dispute.created', ours);
      const dispute = await stripe.disputes.retrieve(data.object.id);
      assert.deepEqual([dispute.amount, dispute.status], [amount, 'needs_response']);
    }
    const [latest, first] = (await stripe.disputes.list()).data;
    const answered = await stripe.disputes.update(latest.id, { metadata: { handled_by: 'ada' } });
    assert.equal(answered.metadata.handled_by, 'ada');
    const closed = await stripe.disputes.close(first.id);
    assert.equal(closed.status, 'lost');
    await receiver.event('charge.dispute.closed', about('charge.dispute.closed', first));
  });
  await checkPages('disputes', (params) => stripe.disputes.list(params));

  await check('a payment method is attached to a customer, listed and detached', async () => {
    const customer = await stripe.customers.create({ email: 'methods@example.com' });
    const attached = await stripe.paymentMethods.attach('pm_card_visa', { customer: customer.id });
    assert.equal(attached.customer, customer.id);
    const { data } = await stripe.customers.listPaymentMethods(customer.id);
    assert.deepEqual(
      data.map((method) => method.id),
      [attached.id],
    );
    assert.equal((await stripe.paymentMethods.list({ customer: customer.id })).data.length, 1);
    const detached = await stripe.paymentMethods.detach(attached.id);
    assert.equal(detached.customer, null);
  });
}
