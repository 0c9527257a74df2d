// @ts-check

/**
 * What the page says in each state. The words come with the page, so that the server can say them, too, before any script
 * has run. `data-waits`: something is still awaited, and a ring turns. `data-can-look-again`: the page has stopped looking.
 *
 * @typedef {string} State
 */

/**
 * @param {string} id
 * @returns {HTMLElement}
 */
const element = (id) => /** @type {HTMLElement} */ (document.getElementById(id));

/**
 * @param {string} name
 * @returns {HTMLElement}
 */
function wordsOf(name) {
  const words = /** @type {HTMLTemplateElement} */ (element("words")).content;
  return /** @type {HTMLElement} */ (words.querySelector(`[data-words="${name}"]`));
}

/**
 * Shows one state of the page. A text that stays the same is left alone, so that screen readers don't repeat it.
 *
 * @param {State} state
 * @param {string} [name] of the words for it, if not the usual
 */
export function showState(state, name = state) {
  const section = element("status");
  const words = wordsOf(name);
  const [headline, message] = [...words.children].map((child) => child.textContent ?? "");
  element("look-again").hidden = words.dataset.canLookAgain === undefined;
  if (section.dataset.status === state && element("message").textContent === message) {
    return;
  }
  const isWaiting = words.dataset.waits !== undefined;
  section.dataset.status = state;
  section.setAttribute("aria-busy", String(isWaiting));
  element("headline").textContent = headline;
  element("message").textContent = message;
  element("details").hidden = true;
  document.title = `${headline} · Settled`;
  // Only who has not gone elsewhere on the page is taken along.
  if (!isWaiting && (document.activeElement === document.body || document.activeElement === null)) {
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
