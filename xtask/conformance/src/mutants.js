// Copies of a sample with one field dropped or renamed.

import { typeOf } from './types.js';

/** Keys below these are the merchant's own, or only those that have changed: none of them is required or unknown. */
const FREE = new Set(['metadata', 'previous_attributes']);

/** Every copy with one change, and `what` it is; of an event, only what is its own, not the object in it. */
export function mutantsOf(sample) {
  const { kind, value } = sample;
  const common = { kind, type: typeOf(sample) };
  const stopAt = (path) => FREE.has(path.at(-1)) || (kind === 'event' && path.join('.') === 'data.object');
  return [...pathsOf(value, [], stopAt)].flatMap((path) => [
    { ...common, what: `dropped ${path.join('.')}`, value: changed(value, path, () => []) },
    {
      ...common,
      what: `renamed ${path.join('.')}`,
      value: changed(value, path, ([name, held]) => [[`${name}_renamed`, held]]),
    },
  ]);
}

function* pathsOf(value, above, stopAt) {
  if (value === null || typeof value !== 'object' || stopAt(above)) return;
  for (const key of Object.keys(value)) {
    const path = [...above, key];
    if (!Array.isArray(value)) yield path;
    yield* pathsOf(value[key], path, stopAt);
  }
}

/** A copy in which `change` has replaced the entry at `path`. */
function changed(value, [key, ...rest], change) {
  if (Array.isArray(value))
    return value.map((row, index) => (String(index) === key ? changed(row, rest, change) : row));
  const entries = Object.entries(value).flatMap((entry) => {
    if (entry[0] !== key) return [entry];
    return rest.length === 0 ? change(entry) : [[key, changed(entry[1], rest, change)]];
  });
  return Object.fromEntries(entries);
}
