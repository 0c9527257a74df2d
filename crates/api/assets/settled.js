// @ts-check

/**
 * Tells a page how a payment stands, the moment it changes. Nothing here touches the page: any front end can use it.
 * The server pushes; where that is not possible, it is asked every 2 s.
 */

/**
 * @typedef {import("./settled.d.ts").PaymentStatus} PaymentStatus
 * @typedef {import("./settled.d.ts").NoStatus} NoStatus
 * @typedef {import("./settled.d.ts").Listener} Listener
 * @typedef {import("./settled.d.ts").Options} Options
 */

export const POLL_EVERY_MS = 2_000;
export const GIVE_UP_AFTER_MS = 30_000;
/** A stream that has said nothing after this long is held back by something in between. */
const STREAM_PATIENCE_MS = 4_000;
/** A page that is left open listens no longer than this. */
const LONGEST_MS = 10 * 60_000;
/** One slow answer must not use up all the time there is. */
const ONE_POLL_MS = 8_000;
const LAST_POLL_MS = 1_000;

const FINAL = ["succeeded", "failed", "expired"];

/** @param {number} ms */
const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/**
 * @param {string} path
 * @param {string} sessionId
 * @param {Options} options
 */
function address(path, sessionId, { base = new URL("../", import.meta.url) }) {
  const url = new URL(path, base);
  url.searchParams.set("session_id", sessionId);
  return url;
}

/**
 * Asks once, and never throws.
 *
 * @param {string} sessionId Stripe's id of the Checkout Session
 * @param {Options} [options]
 * @param {number} [patience_ms] how long the answer may take
 * @returns {Promise<PaymentStatus | NoStatus>}
 */
export async function askPaymentStatus(sessionId, options = {}, patience_ms = ONE_POLL_MS) {
  const abort = new AbortController();
  const timer = setTimeout(() => abort.abort(), patience_ms);
  try {
    const response = await fetch(address("api/payment-status", sessionId, options), {
      signal: abort.signal,
      cache: "no-store",
      credentials: "same-origin",
      headers: options.token ? { Authorization: `Bearer ${options.token}` } : {},
    });
    if (response.ok) {
      return await response.json();
    }
    if (response.status === 401) {
      return { status: "unauthorized" };
    }
    return { status: response.status === 404 || response.status === 400 ? "not_found" : "unreachable" };
  } catch {
    return { status: "unreachable" };
  } finally {
    clearTimeout(timer);
  }
}

/**
 * Asks at once and then every 2 s, one question at a time, until `listener.onStatus` returns true or 30 s have passed;
 * then calls `listener.onTimeout`.
 *
 * @param {string} sessionId
 * @param {Listener} listener
 * @param {Options} [options]
 * @returns {() => void} ends it
 */
export function pollPayment(sessionId, listener, options = {}) {
  let isOver = false;
  const giveUpAt = performance.now() + (options.giveUpAfterMs ?? GIVE_UP_AFTER_MS);
  const poll = async () => {
    while (!isOver) {
      const askedAt = performance.now();
      const patience_ms = Math.max(LAST_POLL_MS, Math.min(ONE_POLL_MS, giveUpAt - askedAt));
      const status = await askPaymentStatus(sessionId, options, patience_ms);
      if (isOver || listener.onStatus(status)) {
        return;
      }
      if (performance.now() + POLL_EVERY_MS > giveUpAt) {
        await pause(giveUpAt - performance.now());
        if (!isOver) {
          listener.onTimeout?.();
        }
        return;
      }
      await pause(askedAt + POLL_EVERY_MS - performance.now());
    }
  };
  void poll();
  return () => {
    isOver = true;
  };
}

/**
 * Calls `listener.onStatus` with how the payment stands now, and again with each change, as soon as it happens; after
 * 30 s in which nothing was settled, `listener.onTimeout` once, and still listens for ten minutes. Polls where the server
 * cannot push.
 *
 * @param {string} sessionId Stripe's id of the Checkout Session, from the address of the success page
 * @param {Listener} listener
 * @param {Options} [options]
 * @returns {() => void} ends it
 */
export function followPayment(sessionId, listener, options = {}) {
  // Browsers cannot send a token with a stream, only the cookie.
  if (typeof EventSource === "undefined" || options.token) {
    return pollPayment(sessionId, listener, options);
  }
  const source = new EventSource(address("api/payment-status/stream", sessionId, options));
  const giveUpAfterMs = options.giveUpAfterMs ?? GIVE_UP_AFTER_MS;
  const beganAt = performance.now();
  let stopPolling = () => {};
  let isAwaited = true;
  const close = () => {
    source.close();
    [silence, patience, longest].forEach(clearTimeout);
  };
  const pollInstead = () => {
    close();
    // What the stream has used up of the time is not given again.
    const remainingMs = Math.max(0, giveUpAfterMs - (performance.now() - beganAt));
    stopPolling = pollPayment(sessionId, listener, { ...options, giveUpAfterMs: remainingMs });
  };
  let silence = setTimeout(pollInstead, STREAM_PATIENCE_MS);
  const patience = setTimeout(() => isAwaited && listener.onTimeout?.(), giveUpAfterMs);
  const longest = setTimeout(close, LONGEST_MS);

  source.addEventListener("status", (event) => {
    clearTimeout(silence);
    const status = JSON.parse(event.data);
    isAwaited = !listener.onStatus(status);
    if (FINAL.includes(status.status)) {
      close();
    }
  });
  source.addEventListener("error", () => {
    if (source.readyState === EventSource.CLOSED) {
      // Refused, or not a stream: the plain question tells why.
      pollInstead();
    } else {
      // The browser comes again by itself, unless that takes too long.
      clearTimeout(silence);
      silence = setTimeout(pollInstead, STREAM_PATIENCE_MS);
    }
  });
  return () => {
    close();
    stopPolling();
  };
}
