// An answer that is lost on its way: the library asks again with the same key, and there is one object.

import assert from 'node:assert/strict';

import { check } from '../report.js';
import { LIFETIME } from './checkout.js';

export async function checkRetries({ connect, key, recorder }) {
  const stripe = connect(key, { maxNetworkRetries: 2 });

  const calls = {
    customer: {
      create: () => stripe.customers.create({ email: 'retried@example.com' }),
      list: () => stripe.customers.list({ email: 'retried@example.com' }),
    },
    session: {
      create: () => stripe.checkout.sessions.create({ ...LIFETIME, client_reference_id: 'retried' }),
      list: () => stripe.checkout.sessions.list({ limit: 100 }),
      isOurs: (session) => session.client_reference_id === 'retried',
    },
  };

  for (const [name, { create, list, isOurs = () => true }] of Object.entries(calls)) {
    await check(`one ${name} although two answers are lost`, async () => {
      const before = recorder.calls.length;
      recorder.loseAnswers(2);
      const created = await create();
      const attempts = recorder.calls.slice(before);
      const keys = attempts.map((attempt) => attempt.headers['idempotency-key']);
      assert.equal(attempts.length, 3);
      assert.ok(keys[0] && keys.every((each) => each === keys[0]), `one key: ${keys}`);
      assert.equal(created.lastResponse.headers['idempotent-replayed'], 'true');
      assert.deepEqual(
        (await list()).data.filter(isOurs).map((row) => row.id),
        [created.id],
      );
    });
  }
}
