// @ts-check

/**
 * What `GET /api/subscription-status` answers, as far as the pages read it.
 *
 * @typedef {{
 *   status: string,
 *   access: boolean,
 *   subscription: null | {
 *     price_id: string,
 *     current_period_end: string | null,
 *     cancel_at_period_end: boolean,
 *     cancel_at: string | null,
 *     trial_end: string | null,
 *   },
 * }} Standing
 */

/** @param {string | null | undefined} time */
function day(time) {
  return time ? new Intl.DateTimeFormat(undefined, { dateStyle: "long" }).format(new Date(time)) : "";
}

/**
 * Where the user stands, in plain words.
 *
 * @param {Standing} standing
 * @returns {string}
 */
export function describeStanding({ status, subscription }) {
  const ends = day(subscription?.cancel_at ?? (subscription?.cancel_at_period_end ? subscription.current_period_end : null));
  const renews = day(subscription?.current_period_end);
  switch (status) {
    case "active":
      if (ends) return `Active until ${ends}, then it ends`;
      return renews ? `Active, renews on ${renews}` : "Active";
    case "trialing": {
      const trialEnds = day(subscription?.trial_end);
      if (!trialEnds) return "In your free trial";
      return `In your free trial until ${trialEnds}; then ${ends ? "it ends" : "the first payment is due"}`;
    }
    case "incomplete":
      return "Being set up";
    case "past_due":
      return "Payment overdue: the last invoice is not paid yet";
    case "unpaid":
      return "Stopped: invoices are not paid";
    case "paused":
      return "Paused";
    case "canceled":
    case "incomplete_expired":
      return "Ended";
    default:
      return "None";
  }
}
