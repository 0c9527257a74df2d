/** An amount in the smallest unit of its currency: `{ minor_units: 1900, currency: "usd" }` is 19 US dollars. */
export interface Money {
  minor_units: number;
  currency: string;
}

/** What the API knows of a payment. Times are RFC 3339, UTC. */
export interface PaymentStatus {
  session_id: string;
  payment_id: string;
  status: "pending" | "processing" | "succeeded" | "failed" | "expired";
  /** What was charged; before that is known, what was quoted. */
  amount: Money;
  subscription_id: string | null;
  settled_at: string | null;
  settled_by: "webhook" | "landing" | "sweep" | null;
  /** When Stripe last spoke of it. */
  as_of: string;
}

/** Why nothing is known: not signed in; no such payment of this user; the server does not answer (it is asked again). */
export interface NoStatus {
  status: "unauthorized" | "not_found" | "unreachable";
}

export interface Listener {
  /** Returns true when there is nothing more to wait for: polling ends, and no timeout is told. */
  onStatus(status: PaymentStatus | NoStatus): boolean;
  /** Nothing was settled in time. It may still be. */
  onTimeout?(): void;
}

export interface Options {
  /** Where the API is. By default the folder above the one that this module is served from. */
  base?: string | URL;
  /** A bearer token, where there is no cookie. Such a page polls: browsers send no token with a stream. */
  token?: string;
  /** When `onTimeout` is called; 30 s by default. */
  giveUpAfterMs?: number;
}

export const POLL_EVERY_MS: number;
export const GIVE_UP_AFTER_MS: number;

/** Asks once, and never throws. */
export function askPaymentStatus(
  sessionId: string,
  options?: Options,
  patience_ms?: number,
): Promise<PaymentStatus | NoStatus>;

/** Asks now and then every 2 s. Returns what ends it. */
export function pollPayment(sessionId: string, listener: Listener, options?: Options): () => void;

/** Is told of each change as it happens, and polls where the server cannot push. Returns what ends it. */
export function followPayment(sessionId: string, listener: Listener, options?: Options): () => void;
