// The service as its callers see it: the user with a token, and Stripe with a signature.

import assert from 'node:assert/strict';

import { pay, PAYS } from './shopper.js';
import { tokenFor } from './programs.js';

/** A user of the service at `url`, and the Stripe that the service believes to talk to. */
export class Buyer {
  constructor(url, token, stripe) {
    Object.assign(this, { url, token, stripe });
  }

  static async signIn(program, url, name, stripe) {
    return new Buyer(url, await tokenFor(program, name), stripe);
  }

  /** Clicks *Buy*, and returns Stripe's session. */
  async checkout(price) {
    const body = JSON.stringify({ price_id: price });
    const headers = { authorization: `Bearer ${this.token}`, 'content-type': 'application/json' };
    const answer = await fetch(`${this.url}/api/checkout`, { method: 'POST', headers, body });
    assert.equal(answer.status, 201, await answer.clone().text());
    return raw(await this.stripe.checkout.sessions.retrieve((await answer.json()).session_id));
  }

  /** Subscribes and pays, and returns Stripe's subscription. */
  async subscribe(price) {
    const session = await this.checkout(price);
    assert.equal((await pay(session, PAYS)).status, 303);
    const paid = await this.stripe.checkout.sessions.retrieve(session.id);
    return raw(await this.stripe.subscriptions.retrieve(paid.subscription));
  }

  async paymentStatus(session) {
    return (await this.#get(`/api/payment-status?session_id=${session.id}`)).status;
  }

  subscriptionStatus() {
    return this.#get('/api/subscription-status');
  }

  async #get(path) {
    const answer = await fetch(this.url + path, { headers: { authorization: `Bearer ${this.token}` } });
    assert.equal(answer.status, 200, await answer.clone().text());
    return answer.json();
  }
}

/** Posts a webhook, and returns what the service made of it. */
export async function deliver(url, payload, signature) {
  const headers = { 'stripe-signature': signature, 'content-type': 'application/json' };
  const answer = await fetch(`${url}/api/webhook/stripe`, { method: 'POST', headers, body: payload });
  const body = await answer.json();
  return { status: answer.status, outcome: body.outcome, code: body.code };
}

/** The plain JSON of what the library has parsed. */
function raw(object) {
  return JSON.parse(JSON.stringify(object));
}
