// @ts-check
import { ask } from "./api.js";
import { formatMoney } from "./money.js";
import { followPayment, pollPayment } from "./settled.js";
import { describeStanding } from "./standing.js";
import { showDetail, showState } from "./success-view.js";

/** Until then a webhook is not late. */
const LATE_AFTER_MS = 3_000;
const STANDING_EVERY_MS = 2_000;
const STANDING_PATIENCE_MS = 8_000;

/**
 * @typedef {import("./settled.d.ts").PaymentStatus} PaymentStatus
 * @typedef {import("./settled.d.ts").NoStatus} NoStatus
 */

/** Ends what the page waits for at present: a newer wait silences the older. */
let stop = () => {};
/** When the page began to wait, and what Stripe had said by then. */
let began = { at: 0, as_of: "" };

/** @param {number} ms */
const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/**
 * Shows how the payment stands and each change of it, the moment it happens.
 *
 * @param {string} sessionId Stripe's id of the Checkout Session, from the page's address
 */
export function followPaymentStatus(sessionId) {
  begin(() => followPayment(sessionId, { onStatus: handleStatusResponse, onTimeout: handleTimeout }));
}

/**
 * The same where the server cannot push: asks now and then every 2 s, until there is nothing more to wait for or 30 s have
 * passed. Questions never overlap.
 *
 * @param {string} sessionId
 */
export function pollPaymentStatus(sessionId) {
  begin(() => pollPayment(sessionId, { onStatus: handleStatusResponse, onTimeout: handleTimeout }));
}

/** @param {() => () => void} wait begins to wait, and returns what ends it */
function begin(wait) {
  stop();
  // A bank that takes days is nothing to wait for: what is shown stays until there is news.
  if (document.getElementById("status")?.dataset.status !== "processing") {
    showState("pending");
  }
  began = { at: performance.now(), as_of: "" };
  const late = setTimeout(showThatWeAsk, LATE_AFTER_MS);
  const end = wait();
  stop = () => {
    clearTimeout(late);
    end();
  };
}

function showThatWeAsk() {
  if (document.getElementById("status")?.dataset.status === "pending") {
    showState("asking");
  }
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
      showState("succeeded", status.amount.minor_units === 0 ? "nothing_due" : undefined);
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
      if (document.getElementById("status")?.dataset.status !== "timeout") {
        showState("unreachable");
      }
      return false;
    case "pending":
      showWaiting(status);
      return false;
    default:
      // A word of a newer server: nothing to say about it yet.
      showState("pending");
      return false;
  }
}

/**
 * The steps of waiting: nothing yet; the webhook is late and Stripe is asked; Stripe has answered that it is not paid.
 *
 * @param {PaymentStatus} status
 */
function showWaiting({ as_of }) {
  if (document.getElementById("status")?.dataset.status === "timeout") {
    // Still nothing: a page that has calmed down stays calm until there is something to say.
    return;
  }
  began.as_of ||= as_of;
  if (as_of > began.as_of) {
    showState("asked");
  } else if (began.at > 0 && performance.now() - began.at >= LATE_AFTER_MS) {
    showState("asking");
  } else {
    showState("pending");
  }
}

/** Says that it takes longer than usual, what is known, and what happens next; and offers to look again. */
export function handleTimeout() {
  showState("timeout");
}

/** Stripe's news about the subscription may come a few seconds after those about the payment. */
export async function showSubscription() {
  if (!document.getElementById("subscription")?.textContent) {
    showDetail("subscription", "Being set up");
  }
  for (let round = 0; round < 5; round += 1) {
    const reply = await ask("api/subscription-status", { patience_ms: STANDING_PATIENCE_MS });
    if (document.getElementById("status")?.dataset.status !== "succeeded") {
      return;
    }
    if (reply.kind === "answer" && reply.body.subscription) {
      showDetail("subscription", describeStanding(reply.body));
      if (reply.body.access) {
        return;
      }
    }
    await pause(STANDING_EVERY_MS);
  }
}
