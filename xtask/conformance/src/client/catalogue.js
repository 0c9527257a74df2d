// The account, products and prices.

import assert from 'node:assert/strict';

import { check } from '../report.js';
import { checkPages, same } from './lists.js';

export async function checkCatalogue({ stripe }) {
  await check('the account is the one of the key', async () => {
    const account = await stripe.accounts.retrieveCurrent();
    assert.equal(account.object, 'account');
    assert.match(account.id, /^acct_/);
  });

  await check('every answer tells its request and its API version', async () => {
    const { lastResponse } = await stripe.prices.list();
    assert.match(lastResponse.requestId, /^req_/);
    assert.equal(lastResponse.apiVersion, '2026-09-30.endive');
  });

  await checkPages('products', (params) => stripe.products.list(params));
  await checkPages('prices', (params) => stripe.prices.list(params));

  await check('each listed price is the one that is retrieved, and names its product', async () => {
    for await (const price of stripe.prices.list()) {
      same(await stripe.prices.retrieve(price.id), price);
      const { product } = await stripe.prices.retrieve(price.id, { expand: ['product'] });
      same(product, await stripe.products.retrieve(price.product));
    }
  });

  await check('prices are narrowed by what the library can ask for', async () => {
    const inactive = await stripe.prices.list({ active: false });
    assert.ok(inactive.data.length > 0 && inactive.data.every((price) => !price.active));
    const recurring = await stripe.prices.list({ type: 'recurring', currency: 'usd' });
    assert.ok(recurring.data.length > 0 && recurring.data.every((price) => price.recurring.interval));
  });

  await check('amounts with decimals are read as decimals', async () => {
    const price = await stripe.prices.retrieve('price_pro_monthly');
    assert.equal(price.unit_amount_decimal.toString(), String(price.unit_amount));
  });
}
