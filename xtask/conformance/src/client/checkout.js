// Checkout Sessions for one-time prices, and what a payment leaves behind.

import assert from 'node:assert/strict';

import { check } from '../report.js';
import { DECLINED, pay, PAYS } from '../shopper.js';
import { checkPages, same } from './lists.js';

/** What a session for one lifetime licence is created with. */
export const LIFETIME = {
  mode: 'payment',
  line_items: [{ price: 'price_lifetime', quantity: 1 }],
  success_url: 'http://127.0.0.1:3000/success?session_id={CHECKOUT_SESSION_ID}',
  cancel_url: 'http://127.0.0.1:3000/cancel',
  client_reference_id: 'payment-1',
  metadata: { payment_id: 'payment-1' },
  payment_intent_data: { metadata: { payment_id: 'payment-1' } },
};

export async function checkCheckout({ stripe, receiver }) {
  const sessions = stripe.checkout.sessions;

  await check('a session is created, retrieved and expanded', async () => {
    const session = await sessions.create(LIFETIME);
    assert.deepEqual([session.status, session.payment_status, session.amount_total], ['open', 'unpaid', 19_900]);
    assert.deepEqual([session.client_reference_id, session.metadata.payment_id], ['payment-1', 'payment-1']);
    same(await sessions.retrieve(session.id), session);
    const expanded = await sessions.retrieve(session.id, { expand: ['line_items', 'line_items.data.price.product'] });
    assert.equal(expanded.line_items.data[0].price.product.object, 'product');
    const items = await sessions.listLineItems(session.id);
    assert.deepEqual(
      items.data.map((item) => [item.price.id, item.quantity]),
      [['price_lifetime', 1]],
    );
  });

  await check('a session is expired, once', async () => {
    const session = await sessions.create(LIFETIME);
    const expired = await sessions.expire(session.id);
    assert.deepEqual([expired.status, expired.url], ['expired', null]);
    same(await sessions.retrieve(session.id), expired);
    const news = await receiver.event('checkout.session.expired', about('checkout.session.expired', session));
    same(news.data.object, expired);
    await assert.rejects(sessions.expire(session.id), { type: 'StripeInvalidRequestError', statusCode: 400 });
  });

  await check('a session is paid at the second attempt, and everything about it can be read', async () => {
    const session = await sessions.create(LIFETIME);
    assert.equal((await pay(session, DECLINED)).status, 402);
    assert.deepEqual(await pay(session, PAYS), {
      status: 303,
      location: `http://127.0.0.1:3000/success?session_id=${session.id}`,
    });
    const paid = await sessions.retrieve(session.id, { expand: ['payment_intent', 'payment_intent.latest_charge'] });
    const intent = paid.payment_intent;
    assert.deepEqual([paid.status, paid.payment_status, intent.status], ['complete', 'paid', 'succeeded']);
    assert.deepEqual([intent.amount_received, intent.metadata.payment_id], [19_900, 'payment-1']);
    assert.deepEqual([intent.latest_charge.paid, intent.latest_charge.captured], [true, true]);
    same((await stripe.paymentIntents.retrieve(intent.id)).latest_charge, intent.latest_charge.id);
    same(await stripe.charges.retrieve(intent.latest_charge.id), intent.latest_charge);
    assert.equal((await stripe.paymentMethods.retrieve(intent.payment_method)).card.last4, '4242');
    await receiver.event('checkout.session.completed', about('checkout.session.completed', session));
    await receiver.event('payment_intent.payment_failed', about('payment_intent.payment_failed', intent));
  });

  await checkPages('sessions', (params) => sessions.list(params));
  await checkPages('charges', (params) => stripe.charges.list(params));
}

/** Whether an event is of this type and about this object. */
export function about(type, object) {
  return (event) => event.type === type && event.data.object.id === object.id;
}
