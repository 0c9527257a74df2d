// What a merchant puts on sale: products, prices, coupons and the codes that customers type.

import assert from 'node:assert/strict';

import { check } from '../report.js';
import { LIFETIME } from './checkout.js';
import { checkPages, same } from './lists.js';

export async function checkSelling({ stripe }) {
  const product = await check('a product is created, changed and retrieved', async () => {
    const created = await stripe.products.create({ name: 'Handbook', metadata: { shelf: '7' } });
    const updated = await stripe.products.update(created.id, { name: 'Handbook, second edition' });
    assert.deepEqual([updated.name, updated.metadata.shelf], ['Handbook, second edition', '7']);
    same(await stripe.products.retrieve(created.id), updated);
    return updated;
  });

  await check('a price is created for it, and withdrawn', async () => {
    const params = { product: product.id, currency: 'eur', unit_amount: 1_250, recurring: { interval: 'year' } };
    const created = await stripe.prices.create(params);
    assert.deepEqual([created.unit_amount, created.recurring.interval, created.active], [1_250, 'year', true]);
    const withdrawn = await stripe.prices.update(created.id, { active: false });
    assert.equal(withdrawn.active, false);
    same(await stripe.prices.retrieve(created.id), withdrawn);
  });

  await check('a coupon is created, becomes a promotion code, reduces a session, and is deleted', async () => {
    const coupon = await stripe.coupons.create({ percent_off: 25, duration: 'once', name: 'A quarter' });
    same(await stripe.coupons.retrieve(coupon.id), coupon);
    assert.equal(coupon.percent_off, 25);
    const code = await stripe.promotionCodes.create({
      promotion: { type: 'coupon', coupon: coupon.id },
      code: 'QUARTER',
    });
    const { data } = await stripe.promotionCodes.list({ code: 'QUARTER' });
    assert.deepEqual(
      data.map((row) => [row.id, row.promotion.coupon]),
      [[code.id, coupon.id]],
    );
    const reduced = await stripe.checkout.sessions.create({ ...LIFETIME, discounts: [{ promotion_code: code.id }] });
    assert.deepEqual([reduced.amount_subtotal, reduced.amount_total], [19_900, 14_925]);
    const inactive = await stripe.promotionCodes.update(code.id, { active: false });
    same(await stripe.promotionCodes.retrieve(code.id), inactive);
    assert.deepEqual([code.active, inactive.active], [true, false]);
    same(await stripe.coupons.del(coupon.id), { id: coupon.id, object: 'coupon', deleted: true });
    await assert.rejects(stripe.coupons.retrieve(coupon.id), { code: 'resource_missing', statusCode: 404 });
  });

  await check('a second coupon and code, for the lists', async () => {
    for (const amount_off of [100, 200]) {
      const coupon = await stripe.coupons.create({ amount_off, currency: 'usd', duration: 'forever' });
      await stripe.promotionCodes.create({ promotion: { type: 'coupon', coupon: coupon.id } });
    }
  });
  await checkPages('coupons', (params) => stripe.coupons.list(params));
  await checkPages('promotion codes', (params) => stripe.promotionCodes.list(params));

  await check('a deleted customer is told as deleted', async () => {
    const customer = await stripe.customers.create({ email: 'gone@example.com' });
    const deleted = { id: customer.id, object: 'customer', deleted: true };
    same(await stripe.customers.del(customer.id), deleted);
    same(await stripe.customers.retrieve(customer.id), deleted);
  });
}
