// @ts-check

/** Where the API is: beside the folder that holds this file, wherever the router is nested. */
const BASE = new URL("../", import.meta.url);

/** How long one answer may take, unless the caller is less patient. */
const PATIENCE_MS = 20_000;

/**
 * What came back: the answer, the problem that the server describes, or nothing that can be used.
 *
 * @typedef {{ kind: "answer", body: any }} Answer
 * @typedef {{ kind: "problem", status: number, code: string, pay_url?: string }} Problem
 * @typedef {{ kind: "unreachable" }} Unreachable
 * @typedef {Answer | Problem | Unreachable} Reply
 */

/**
 * Asks the API, and never throws.
 *
 * @param {string} path such as `api/checkout`
 * @param {{ body?: object, patience_ms?: number }} [options] with a body, it is posted
 * @returns {Promise<Reply>}
 */
export async function ask(path, { body, patience_ms = PATIENCE_MS } = {}) {
  const abort = new AbortController();
  const timer = setTimeout(() => abort.abort(), patience_ms);
  /** @type {RequestInit} */
  const request = { signal: abort.signal, cache: "no-store", credentials: "same-origin" };
  if (body !== undefined) {
    Object.assign(request, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify(body),
    });
  }
  try {
    const response = await fetch(new URL(path, BASE), request);
    const answer = await response.json();
    if (response.ok) {
      return { kind: "answer", body: answer };
    }
    return { kind: "problem", status: response.status, code: answer.code, pay_url: answer.pay_url };
  } catch {
    return { kind: "unreachable" };
  } finally {
    clearTimeout(timer);
  }
}

/**
 * The address, if it is one that a browser may be sent to.
 *
 * @param {unknown} address
 * @returns {string | undefined}
 */
export function webAddress(address) {
  if (typeof address !== "string" || !URL.canParse(address)) {
    return undefined;
  }
  const url = new URL(address);
  return url.protocol === "https:" || url.protocol === "http:" ? url.href : undefined;
}
