// @ts-check
import { ask, webAddress } from "./api.js";
import { formatMoney } from "./money.js";
import { describeStanding } from "./standing.js";

const message = /** @type {HTMLElement} */ (document.getElementById("message"));
const loginForm = /** @type {HTMLFormElement | null} */ (document.getElementById("login-form"));
const subscription = document.getElementById("subscription");

/**
 * What went wrong, in plain words.
 *
 * @type {Record<string, string>}
 */
const WORDS = {
  unauthorized: "Please sign in first.",
  already_subscribed: "You already have a subscription, so nothing was bought.",
  payment_processing: "Your earlier payment is still on its way. Nothing more to do for now.",
  checkout_busy: "Another checkout of yours is just opening. Please try again in a moment.",
  price_not_available: "This is no longer for sale. Please reload the page to see what is.",
  stripe_unavailable: "The payment page cannot be reached just now. Nothing was charged. Please try again in a minute.",
  stripe_refused: "The payment page could not be opened. Nothing was charged, and the mistake is ours.",
};
const UNKNOWN_TROUBLE = "That did not work, and nothing was charged. Please try again in a minute.";

/**
 * @param {string} text
 * @param {string} [payUrl]
 */
function tell(text, payUrl) {
  message.textContent = text;
  const address = webAddress(payUrl);
  if (address) {
    const link = document.createElement("a");
    link.href = address;
    link.textContent = "Pay the open invoice";
    message.append(" ", link);
  }
  message.scrollIntoView({ block: "nearest" });
}

/** @param {import("./api.js").Problem | import("./api.js").Unreachable} reply */
function tellTrouble(reply) {
  if (reply.kind === "unreachable") {
    tell("We cannot reach the server. Nothing was charged. Please check your connection and try again.");
    return;
  }
  tell(WORDS[reply.code] ?? UNKNOWN_TROUBLE, reply.pay_url);
  if (reply.code === "unauthorized") {
    loginForm?.querySelector("input")?.focus();
  }
}

/**
 * Opens a Checkout Session and sends the browser there.
 *
 * @param {HTMLButtonElement} button
 * @param {string} priceId
 */
async function checkout(button, priceId) {
  if (button.getAttribute("aria-busy") === "true") {
    return;
  }
  button.setAttribute("aria-busy", "true");
  tell("");
  const reply = await ask("api/checkout", { body: { price_id: priceId } });
  const address = reply.kind === "answer" ? webAddress(reply.body.url) : undefined;
  if (address) {
    location.assign(address);
    return;
  }
  button.removeAttribute("aria-busy");
  if (reply.kind === "answer") {
    tell(UNKNOWN_TROUBLE);
  } else {
    tellTrouble(reply);
  }
}

/** @param {SubmitEvent} event */
async function signIn(event) {
  event.preventDefault();
  const userId = new FormData(/** @type {HTMLFormElement} */ (event.target)).get("user_id");
  const reply = await ask("sandbox/login", { body: { user_id: userId } });
  if (reply.kind === "answer") {
    location.reload();
  } else if (reply.kind === "problem" && reply.code === "invalid_request") {
    tell("That name cannot be used. Please try a shorter one.");
  } else {
    tellTrouble(reply);
  }
}

async function showStanding() {
  if (!subscription) {
    return;
  }
  const reply = await ask("api/subscription-status");
  if (reply.kind === "answer") {
    subscription.dataset.status = reply.body.status;
    subscription.textContent = `Your subscription: ${describeStanding(reply.body)}`;
    subscription.hidden = reply.body.status === "none";
  }
}

for (const amount of document.querySelectorAll("[data-minor-units]")) {
  const { minorUnits, currency } = /** @type {HTMLElement} */ (amount).dataset;
  amount.textContent = formatMoney({ minor_units: Number(minorUnits), currency: String(currency) });
}
for (const offer of document.querySelectorAll("[data-price-id]")) {
  const button = /** @type {HTMLButtonElement} */ (offer.querySelector("button"));
  button.addEventListener("click", () => checkout(button, String(/** @type {HTMLElement} */ (offer).dataset.priceId)));
}
loginForm?.addEventListener("submit", signIn);
// The browser may show the page as it was left for Stripe.
addEventListener("pageshow", ({ persisted }) => {
  if (persisted) {
    location.reload();
  }
});
void showStanding();
