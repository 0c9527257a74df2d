// @ts-check

/** @typedef {{ minor_units: number, currency: string }} Money */

/** Currencies whose minor unit is the whole unit at Stripe; the server has the same list and a test compares them. */
const ZERO_DECIMALS = [
  "bif", "clp", "djf", "gnf", "jpy", "kmf", "krw", "mga", "pyg", "rwf", "vnd", "vuv", "xaf", "xof", "xpf",
];
/** Currencies that are counted in thousandths. */
const THREE_DECIMALS = ["bhd", "jod", "kwd", "omr", "tnd"];

/**
 * An amount the way the visitor's language writes it.
 *
 * @param {Money} money
 * @returns {string}
 */
export function formatMoney({ minor_units, currency }) {
  const decimals = ZERO_DECIMALS.includes(currency) ? 0 : THREE_DECIMALS.includes(currency) ? 3 : 2;
  const format = new Intl.NumberFormat(undefined, { style: "currency", currency });
  return format.format(minor_units / 10 ** decimals);
}
