// @ts-check
import { formatMoney } from "./money.js";
import { showDetail } from "./success-view.js";
import { followPaymentStatus, handleStatusResponse, showSubscription } from "./success.js";

const sessionId = new URLSearchParams(location.search).get("session_id");
const section = /** @type {HTMLElement} */ (document.getElementById("status"));

function look() {
  if (sessionId) {
    followPaymentStatus(sessionId);
  } else {
    handleStatusResponse({ status: "not_found" });
  }
}

/** The server has said it all: what is left is to say it in the visitor's language. */
function complete() {
  const amount = /** @type {HTMLElement} */ (document.getElementById("amount"));
  const { minorUnits, currency } = amount.dataset;
  if (minorUnits && currency) {
    showDetail("amount", formatMoney({ minor_units: Number(minorUnits), currency }));
  }
  if (section.dataset.subscription !== undefined) {
    void showSubscription();
  }
}

document.getElementById("look-again")?.addEventListener("click", () => {
  // The button goes away, so the focus would be lost.
  document.getElementById("headline")?.focus();
  look();
});
// Who comes back to a page that had given up wants to know, without having to ask.
document.addEventListener("visibilitychange", () => {
  if (!document.hidden && section.dataset.status === "timeout") {
    look();
  }
});
if (section.dataset.status === "succeeded") {
  complete();
} else if (!["failed", "expired", "unauthorized", "not_found"].includes(String(section.dataset.status))) {
  look();
}
