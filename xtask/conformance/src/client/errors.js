// What Stripe refuses is refused, and the library makes its own error classes of it.

import assert from 'node:assert/strict';

import Stripe from 'stripe';

import { check } from '../report.js';
import { LIFETIME } from './checkout.js';

/** The parameter is whatever Stripe calls the id in the path, which is not documented. */
const UNDOCUMENTED = Symbol('any parameter');

/** The calls, and `[class, status, code, param]` of the error. */
function refusals(stripe) {
  const invalid = (status, code, param) => [Stripe.errors.StripeInvalidRequestError, status, code, param];
  const missing = invalid(404, 'resource_missing', 'id');
  const create = (change) => () => stripe.checkout.sessions.create({ ...LIFETIME, ...change });
  return {
    'an unknown product': [() => stripe.products.retrieve('prod_nobodys'), missing],
    'an unknown price': [() => stripe.prices.retrieve('price_nobodys'), invalid(404, 'resource_missing', UNDOCUMENTED)],
    'an unknown customer': [() => stripe.customers.retrieve('cus_nobodys'), missing],
    'an unknown session': [
      () => stripe.checkout.sessions.retrieve('cs_test_nobodys'),
      invalid(404, 'resource_missing', UNDOCUMENTED),
    ],
    'an unknown subscription': [() => stripe.subscriptions.retrieve('sub_nobodys'), missing],
    'an unknown invoice': [
      () => stripe.invoices.retrieve('in_nobodys'),
      invalid(404, 'resource_missing', UNDOCUMENTED),
    ],
    'an unknown payment intent': [
      () => stripe.paymentIntents.retrieve('pi_nobodys'),
      invalid(404, 'resource_missing', 'intent'),
    ],
    'an unknown charge': [() => stripe.charges.retrieve('ch_nobodys'), missing],
    'an unknown event': [() => stripe.events.retrieve('evt_nobodys'), missing],
    'a path that does not exist': [() => stripe.rawRequest('GET', '/v1/nonsense'), invalid(404, undefined, undefined)],
    'an unknown price in a session': [
      create({ line_items: [{ price: 'price_nobodys', quantity: 1 }] }),
      invalid(400, 'resource_missing', 'line_items[0][price]'),
    ],
    'an unknown parameter': [create({ colour: 'blue' }), invalid(400, 'parameter_unknown', 'colour')],
    'an unknown nested parameter': [
      create({ payment_intent_data: { colour: 'blue' } }),
      invalid(400, 'parameter_unknown', 'payment_intent_data[colour]'),
    ],
    'a parameter of the past': [
      create({ payment_method_types: ['card'] }),
      invalid(400, 'parameter_unknown', 'payment_method_types'),
    ],
    'a missing parameter': [create({ success_url: undefined }), invalid(400, 'parameter_missing', 'success_url')],
    'a text for a number': [
      () => stripe.prices.list({ limit: 'many' }),
      invalid(400, 'parameter_invalid_integer', 'limit'),
    ],
    'an e-mail that is none': [
      () => stripe.customers.create({ email: 'nonsense' }),
      invalid(400, 'email_invalid', 'email'),
    ],
    'an unknown cursor': [
      () => stripe.customers.list({ starting_after: 'cus_nobodys' }),
      invalid(400, 'resource_missing', 'starting_after'),
    ],
  };
}

export async function checkErrors({ stripe, connect }) {
  for (const [name, [call, [kind, statusCode, code, param]]] of Object.entries(refusals(stripe))) {
    await check(`${name} is refused as Stripe does`, async () => {
      const error = await refusal(call());
      const expected = { class: kind.name, statusCode, rawType: 'invalid_request_error', code };
      expected.param = param === UNDOCUMENTED ? error.param : param;
      assert.deepEqual(told(error), expected);
      assert.match(error.requestId, /^req_/);
    });
  }

  await check('a wrong key is an authentication error', async () => {
    const error = await refusal(connect('sk_test_wrong').customers.list());
    assert.ok(error instanceof Stripe.errors.StripeAuthenticationError, error);
    assert.equal(error.statusCode, 401);
    assert.ok(!error.message.includes('sk_test_wrong'), 'the key is not repeated');
  });

  await check('an idempotency key with other parameters is an idempotency error', async () => {
    const options = { idempotencyKey: 'conformance-other-parameters' };
    await stripe.customers.create({ email: 'first@example.com' }, options);
    const error = await refusal(stripe.customers.create({ email: 'second@example.com' }, options));
    assert.ok(error instanceof Stripe.errors.StripeIdempotencyError, error);
    assert.deepEqual([error.statusCode, error.rawType], [400, 'idempotency_error']);
  });
}

function told({ constructor, statusCode, rawType, code, param }) {
  return { class: constructor.name, statusCode, rawType, code, param };
}

async function refusal(call) {
  try {
    await call;
  } catch (error) {
    if (error instanceof Stripe.errors.StripeError) return error;
    throw error;
  }
  return assert.fail('it was accepted');
}
