// @ts-check
import { ask } from "./api.js";
import { formatMoney } from "./money.js";
import { describeStanding } from "./standing.js";
import { NOTHING_DUE, showDetail, showState } from "./success-view.js";

const POLL_EVERY_MS = 2_000;
const GIVE_UP_AFTER_MS = 30_000;
/** One slow answer must not use up all the time there is. */
const ONE_POLL_MS = 8_000;
const LAST_POLL_MS = 1_000;

/**
 * What is known of the payment: the API's status, or why there is none.
 *
 * @typedef {{
 *   status: "pending" | "processing" | "succeeded" | "failed" | "expired",
 *   amount: import("./money.js").Money,
 *   subscription_id: string | null,
 * }} PaymentStatus
 * @typedef {{ status: "unauthorized" | "not_found" | "unreachable" }} NoStatus
 */

/** Which call of `pollPaymentStatus` may still speak: a newer one silences the older. */
let newestPoll = 0;

/** @param {number} ms */
const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/**
 * Asks how the payment stands, now and then every 2 s, until there is nothing more to wait for or 30 s have passed.
 * Questions never overlap.
 *
 * @param {string} sessionId Stripe's id of the Checkout Session, from the page's address
 * @returns {Promise<void>}
 */
export async function pollPaymentStatus(sessionId) {
  const poll = ++newestPoll;
  const giveUpAt = performance.now() + GIVE_UP_AFTER_MS;
  showState("pending");
  for (;;) {
    const askedAt = performance.now();
    const patience_ms = Math.max(LAST_POLL_MS, Math.min(ONE_POLL_MS, giveUpAt - askedAt));
    const status = await askPaymentStatus(sessionId, patience_ms);
    if (poll !== newestPoll || handleStatusResponse(status)) {
      return;
    }
    if (performance.now() + POLL_EVERY_MS > giveUpAt) {
      await pause(giveUpAt - performance.now());
      if (poll === newestPoll) {
        handleTimeout();
      }
      return;
    }
    await pause(askedAt + POLL_EVERY_MS - performance.now());
  }
}

/**
 * @param {string} sessionId
 * @param {number} patience_ms
 * @returns {Promise<PaymentStatus | NoStatus>}
 */
async function askPaymentStatus(sessionId, patience_ms) {
  const path = `api/payment-status?session_id=${encodeURIComponent(sessionId)}`;
  const reply = await ask(path, { patience_ms });
  if (reply.kind === "answer") {
    return reply.body;
  }
  if (reply.kind === "problem" && reply.status === 401) {
    return { status: "unauthorized" };
  }
  if (reply.kind === "problem" && (reply.status === 404 || reply.status === 400)) {
    return { status: "not_found" };
  }
  return { status: "unreachable" };
}

/**
 * Shows what is known of the payment.
 *
 * @param {PaymentStatus | NoStatus} status
 * @returns {boolean} there is nothing more to wait for
 */
export function handleStatusResponse(status) {
  switch (status.status) {
    case "succeeded":
      showState("succeeded", status.amount.minor_units === 0 ? NOTHING_DUE : undefined);
      showDetail("amount", formatMoney(status.amount));
      if (status.subscription_id) {
        void showSubscription();
      }
      return true;
    case "processing":
    case "failed":
    case "expired":
    case "unauthorized":
    case "not_found":
      showState(status.status);
      return true;
    case "unreachable":
    case "pending":
      showState(status.status);
      return false;
    default:
      // A word of a newer server: nothing to say about it yet.
      showState("pending");
      return false;
  }
}

/** Says that it takes longer than usual, in words that calm, and offers to look again. */
export function handleTimeout() {
  showState("timeout");
}

/** Stripe's news about the subscription may come a few seconds after those about the payment. */
async function showSubscription() {
  const poll = newestPoll;
  showDetail("subscription", "Being set up");
  for (let round = 0; round < 5; round += 1) {
    const reply = await ask("api/subscription-status", { patience_ms: ONE_POLL_MS });
    if (poll !== newestPoll) {
      return;
    }
    if (reply.kind === "answer" && reply.body.subscription) {
      showDetail("subscription", describeStanding(reply.body));
      if (reply.body.access) {
        return;
      }
    }
    await pause(POLL_EVERY_MS);
  }
}
