// Where events are to be sent: webhook endpoints.

import assert from 'node:assert/strict';

import { check } from '../report.js';
import { same } from './lists.js';

export async function checkRegistering({ stripe }) {
  await check('a webhook endpoint is registered, changed, disabled, listed and deleted', async () => {
    const { secret, ...created } = await stripe.webhookEndpoints.create({
      url: 'https://shop.example/api/webhook/stripe',
      enabled_events: ['checkout.session.completed', 'checkout.session.expired'],
      api_version: '2026-09-30.endive',
    });
    assert.match(secret, /^whsec_/);
    same(await stripe.webhookEndpoints.retrieve(created.id), created);
    const changed = await stripe.webhookEndpoints.update(created.id, { enabled_events: ['*'], disabled: true });
    assert.deepEqual([changed.status, changed.enabled_events], ['disabled', ['*']]);
    const { data } = await stripe.webhookEndpoints.list();
    assert.deepEqual(
      data.map((endpoint) => endpoint.id),
      [created.id],
    );
    const gone = await stripe.webhookEndpoints.del(created.id);
    assert.deepEqual([gone.id, gone.deleted], [created.id, true]);
    await assert.rejects(stripe.webhookEndpoints.retrieve(created.id), { code: 'resource_missing' });
  });
}
