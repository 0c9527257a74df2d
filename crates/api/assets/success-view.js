// @ts-check

/**
 * What the page says in a state. `is_settled`: nothing more will change by itself.
 *
 * @typedef {{ headline: string, message: string, is_settled: boolean, can_look_again: boolean }} Words
 * @typedef {keyof typeof STATES} State
 */

const STATES = {
  pending: {
    headline: "Confirming your payment",
    message: "This usually takes a moment.",
    is_settled: false,
    can_look_again: false,
  },
  unreachable: {
    headline: "Confirming your payment",
    message: "We cannot reach the server just now and keep trying. Your payment does not depend on this page.",
    is_settled: false,
    can_look_again: false,
  },
  succeeded: {
    headline: "Payment received",
    message: "Thank you. Everything is settled, and you can close this page.",
    is_settled: true,
    can_look_again: false,
  },
  processing: {
    headline: "Your bank is working on it",
    message:
      "You are done here. This way of paying takes a few days to be confirmed; you won’t be charged twice, and it is safe to close this page.",
    is_settled: true,
    can_look_again: true,
  },
  failed: {
    headline: "The payment did not go through",
    message: "It was declined, so nothing was bought. You can go back to the shop and try again.",
    is_settled: true,
    can_look_again: false,
  },
  expired: {
    headline: "This checkout has expired",
    message: "Nothing was charged. You can go back to the shop and start again.",
    is_settled: true,
    can_look_again: false,
  },
  timeout: {
    headline: "It takes a little longer than usual",
    message:
      "You won’t be charged twice, and it is safe to close this page. We keep checking, and the payment will show in your account.",
    is_settled: true,
    can_look_again: true,
  },
  unauthorized: {
    headline: "You are signed out",
    message: "Your payment is safe. Sign in again and come back to this page to see how it stands.",
    is_settled: true,
    can_look_again: true,
  },
  not_found: {
    headline: "We don’t know this payment",
    message:
      "The address of this page does not belong to a payment of yours. If you have paid with another account, sign in with that one.",
    is_settled: true,
    can_look_again: false,
  },
};

/**
 * What is said of a success for which nothing had to be paid: a trial, or a code that takes everything off.
 *
 * @type {Words}
 */
export const NOTHING_DUE = {
  headline: "You’re all set",
  message: "Nothing was due today. Everything is settled, and you can close this page.",
  is_settled: true,
  can_look_again: false,
};

/**
 * @param {string} id
 * @returns {HTMLElement}
 */
const element = (id) => /** @type {HTMLElement} */ (document.getElementById(id));

/**
 * Shows one state of the page. A text that stays the same is left alone, so that screen readers don't repeat it.
 *
 * @param {State} state
 * @param {Words} [words] what to say of it, if not the usual
 */
export function showState(state, words = STATES[state]) {
  const section = element("status");
  if (section.dataset.status === state && element("message").textContent === words.message) {
    return;
  }
  section.dataset.status = state;
  section.setAttribute("aria-busy", String(!words.is_settled));
  element("headline").textContent = words.headline;
  element("message").textContent = words.message;
  element("look-again").hidden = !words.can_look_again;
  element("details").hidden = true;
  document.title = `${words.headline} · Settled`;
  // Only who has not gone elsewhere on the page is taken along.
  if (words.is_settled && (document.activeElement === document.body || document.activeElement === null)) {
    element("headline").focus();
  }
}

/**
 * Fills in a line of the details.
 *
 * @param {"amount" | "subscription"} name
 * @param {string} text
 */
export function showDetail(name, text) {
  element(name).textContent = text;
  element(`${name}-row`).hidden = false;
  element("details").hidden = false;
}
