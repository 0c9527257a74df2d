// The official library drives the sandbox through everything that it serves.

import { checkBilling } from './client/billing.js';
import { checkCatalogue } from './client/catalogue.js';
import { checkCheckout } from './client/checkout.js';
import { checkCustomers } from './client/customers.js';
import { checkErrors } from './client/errors.js';
import { checkPayments } from './client/payments.js';
import { checkRegistering } from './client/registering.js';
import { checkRetries } from './client/retries.js';
import { checkSelling } from './client/selling.js';
import { checkSubscriptions } from './client/subscriptions.js';
import { section } from './report.js';

/** `world` has the library as `stripe`, `connect` to make others, the `recorder` in between and the `receiver`. */
export async function checkClient(world) {
  section('the official library as a client of the sandbox');
  await checkCatalogue(world);
  await checkCustomers(world);
  await checkCheckout(world);
  await checkSubscriptions(world);
  await checkSelling(world);
  await checkRegistering(world);
  await checkPayments(world);
  await checkBilling(world);
  await checkErrors(world);
  await checkRetries(world);
}
