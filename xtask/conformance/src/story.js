// One story for the examples of every date: the same values, put where each date has a place for them.

/** The events that carry each kind of resource; for others `KIND.updated`. */
export const EVENTS_ABOUT = {
  charge: ['charge.refunded'],
  'checkout.session': ['completed', 'async_payment_succeeded', 'async_payment_failed', 'expired'].map(
    (news) => `checkout.session.${news}`,
  ),
  customer: ['customer.deleted'],
  dispute: ['charge.dispute.created'],
  invoice: ['invoice.paid', 'invoice.payment_failed'],
  invoice_payment: ['invoice_payment.paid'],
  payment_intent: ['payment_intent.payment_failed'],
  refund: ['refund.created'],
  subscription: ['created', 'updated', 'deleted'].map((news) => `customer.subscription.${news}`),
};

const PAYMENT_ID = '019a0000-0000-7000-8000-000000000001';
const at = (text) => Date.parse(text) / 1000;

/** By kind: a value, and the places of which at least one must exist. */
const STORIES = {
  'checkout.session': [
    ['cs_test_story', 'id'],
    ['https://checkout.example/story', 'url'],
    ['complete', 'status'],
    ['paid', 'payment_status'],
    ['usd', 'currency'],
    [4_901, 'amount_subtotal'],
    [4_902, 'amount_total'],
    ['cus_story', 'customer'],
    ['pi_story', 'payment_intent'],
    ['sub_story', 'subscription'],
    ['in_story', 'invoice'],
    [at('2031-02-03T04:05:06Z'), 'expires_at'],
    [PAYMENT_ID, 'metadata.payment_id'],
  ],
  subscription: [
    ['sub_story', 'id'],
    ['past_due', 'status'],
    ['cus_story', 'customer'],
    ['price_story', 'items.data.0.price.id'],
    [7, 'items.data.0.quantity'],
    [at('2031-02-03T04:05:06Z'), 'current_period_end', 'items.data.0.current_period_end'],
    [true, 'cancel_at_period_end'],
    [at('2032-02-03T04:05:06Z'), 'cancel_at'],
    [at('2033-02-03T04:05:06Z'), 'trial_end'],
    [PAYMENT_ID, 'metadata.payment_id'],
  ],
  invoice: [
    ['in_story', 'id'],
    ['cus_story', 'customer'],
    ['sub_story', 'subscription', 'parent.subscription_details.subscription'],
    ['paid', 'status'],
    [4_903, 'amount_due'],
    [4_904, 'amount_paid'],
    ['usd', 'currency'],
    [at('2031-02-03T04:05:06Z'), 'created'],
    [at('2032-02-03T04:05:06Z'), 'status_transitions.paid_at'],
  ],
  refund: [
    ['re_story', 'id'],
    ['ch_story', 'charge'],
    ['pi_story', 'payment_intent'],
    ['failed', 'status'],
    [4_905, 'amount'],
    ['usd', 'currency'],
  ],
  dispute: [
    ['du_story', 'id'],
    ['ch_story', 'charge'],
    ['pi_story', 'payment_intent'],
    ['lost', 'status'],
    [4_906, 'amount'],
    ['usd', 'currency'],
  ],
  charge: [
    ['ch_story', 'id'],
    ['cus_story', 'customer'],
    [4_907, 'amount_refunded'],
  ],
  customer: [['cus_story', 'id']],
  event: [
    ['evt_story', 'id'],
    ['price_story', 'data.object.id'],
  ],
};

/** What must be found in the facts, so that equal facts are not equally empty. */
export const EXPECTED = {
  'checkout.session': [
    ...[
      'cs_test_story',
      'cus_story',
      'pi_story',
      'sub_story',
      'in_story',
      'https://checkout.example/story',
      PAYMENT_ID,
    ],
    ...['Complete', 'Paid', '4901', '4902', '2031-02-03 4:05:06'],
  ],
  subscription: [
    ...['sub_story', 'cus_story', 'price_story', 'PastDue', 'quantity: 7', 'cancel_at_period_end: true', PAYMENT_ID],
    ...['2031-02-03 4:05:06', '2032-02-03 4:05:06', '2033-02-03 4:05:06'],
  ],
  invoice: [
    ...['in_story', 'cus_story', 'sub_story', 'Paid', '4903', '4904'],
    ...['2031-02-03 4:05:06', '2032-02-03 4:05:06'],
  ],
  refund: ['re_story', 'ch_story', 'pi_story', 'Failed', '4905'],
  dispute: ['du_story', 'ch_story', 'pi_story', 'Lost', '4906'],
  charge: ['ch_story', 'cus_story', '4907'],
  customer: ['CustomerDeleted', 'cus_story'],
};

/** A copy of `object` that tells the story of its kind. */
export function tell(kind, object, date) {
  const copy = structuredClone(object);
  for (const [value, ...places] of STORIES[kind] ?? [['obj_story', 'id']]) {
    const put = places.filter((place) => replace(copy, place.split('.'), value));
    if (put.length === 0) throw new Error(`a ${kind} of ${date} has no ${places.join(' or ')}`);
  }
  return copy;
}

/** Replaces what is at the place, if there is such a place; the keys of metadata are anybody's. */
function replace(object, [key, ...rest], value) {
  if (object === null || typeof object !== 'object') return false;
  if (rest.length > 0) return replace(object[key], rest, value);
  if (!(key in object) && key !== 'payment_id') return false;
  object[key] = value;
  return true;
}
