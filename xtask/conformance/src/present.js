// Fields that the types call optional and that the sandbox sends all the same, because Stripe does.
//
// The types say optional also of what is there in every answer; without this list nobody would notice its absence.
// Fields that come only when they are expanded are not here: the checks that expand them look for them.

/** By the object's kind: the paths, and for some the condition under which the field is there. */
const PRESENT = {
  'checkout.session': [['payment_method_options.card'], ['phone_number_collection']],
  customer: [
    ['address'],
    ['currency'],
    ['customer_account'],
    ['delinquent'],
    ['discount'],
    ['invoice_prefix'],
    ['name'],
    ['next_invoice_sequence'],
    ['phone'],
    ['preferred_locales'],
    ['tax_exempt'],
    ['test_clock'],
  ],
  event: [['data.previous_attributes', ({ type }) => type?.endsWith('.updated')]],
  invoice: [['auto_advance'], ['customer_tax_ids'], ['hosted_invoice_url'], ['invoice_pdf']],
  invoice_payment: [['payment.payment_intent', ({ payment }) => payment?.type === 'payment_intent']],
  line_item: [['pricing.price_details', ({ pricing }) => pricing?.type === 'price_details']],
  subscription: [['billing_mode.flexible.proration_discounts'], ['default_tax_rates']],
  subscription_item: [['quantity', ({ price }) => price?.recurring?.usage_type === 'licensed']],
};

/** What is missing in a sample and in the objects inside it, one message for each. */
export function absentFields(value) {
  if (Array.isArray(value)) return value.flatMap(absentFields);
  if (value === null || typeof value !== 'object') return [];
  const inside = Object.entries(value).flatMap(([key, held]) =>
    key === 'previous_attributes' ? [] : absentFields(held),
  );
  return [...absentIn(value), ...inside];
}

function absentIn(value) {
  if (value.deleted) return [];
  return (PRESENT[value.object] ?? [])
    .filter(([path, applies = () => true]) => applies(value) && !has(value, path.split('.')))
    .map(([path]) => `Property '${path}' is missing in a ${value.object}.`);
}

/** Whether the path leads to a field; a `null` on the way is as far as it goes. */
function has(value, [key, ...rest]) {
  if (value === null) return true;
  if (value === undefined || !(key in value)) return false;
  return rest.length === 0 || has(value[key], rest);
}
