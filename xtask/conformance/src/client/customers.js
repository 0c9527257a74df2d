// Customers: create, retrieve, update, list.

import assert from 'node:assert/strict';

import { check } from '../report.js';
import { checkPages, same } from './lists.js';

export async function checkCustomers({ stripe, receiver }) {
  await check('a customer is created, told by webhook, retrieved and changed', async () => {
    const created = await stripe.customers.create({
      email: 'grace@example.com',
      name: 'Grace Hopper',
      metadata: { user_id: 'grace', plan: 'pro' },
    });
    same(await stripe.customers.retrieve(created.id), created);
    const news = await receiver.event('customer.created', (event) => event.data.object.id === created.id);
    same(news.data.object, created);

    const params = { name: 'Rear Admiral Hopper', metadata: { plan: '' } };
    const updated = await stripe.customers.update(created.id, params);
    assert.equal(updated.name, 'Rear Admiral Hopper');
    assert.deepEqual(updated.metadata, { user_id: 'grace' }, 'an empty value removes the key, the others stay');
    const change = await receiver.event(
      'customer.updated',
      (event) => event.type === 'customer.updated' && event.data.object.id === created.id,
    );
    assert.equal(change.data.previous_attributes.name, 'Grace Hopper');
    same(await stripe.customers.retrieve(created.id), updated);
  });

  await check('25 customers are listed over several pages, and found by e-mail', async () => {
    const emails = Array.from({ length: 25 }, (_, number) => `page-${number}@example.com`);
    for (const email of emails) await stripe.customers.create({ email });
    const listed = await stripe.customers.list({ limit: 7 }).autoPagingToArray({ limit: 1_000 });
    const ours = listed.map((customer) => customer.email).filter((email) => email?.startsWith('page-'));
    assert.deepEqual(ours, emails.toReversed());
    const found = await stripe.customers.list({ email: 'page-7@example.com' });
    assert.deepEqual(
      found.data.map((customer) => customer.email),
      ['page-7@example.com'],
    );
  });

  await checkPages('customers', (params) => stripe.customers.list(params));
}
