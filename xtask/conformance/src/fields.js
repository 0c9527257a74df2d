// The names of the fields of the sandbox's objects against those of the published examples.

import assert from 'node:assert/strict';

import { check, note } from './report.js';
import { fieldLookup, typeOf } from './types.js';

/** Fields of the examples that Stripe sends only when they are expanded. */
const ON_REQUEST = new Set(['charge.refunds']);

/**
 * A field of the example that the sandbox lacks is a fault, unless the types do not know it any more. A field that the
 * example lacks is none if the types know it: they are newer than examples, and examples leave out what is optional.
 */
export async function compareFields(examples, samples) {
  const heard = Object.keys(examples)
    .filter((kind) => samples.within(kind).length > 0)
    .toSorted();
  const types = new Map(heard.map((kind) => [kind, typeOf({ kind, value: samples.within(kind)[0] })]));
  const lookUp = fieldLookup([...types.values()]);
  for (const kind of heard) {
    const published = fieldsOf(kind, [examples[kind]]);
    const ours = fieldsOf(kind, samples.within(kind));
    const described = (field) => ({ field, need: lookUp(types.get(kind), field) });
    const lacking = missing(published, ours).map(described);
    const more = missing(ours, published).map(described);
    await check(`${kind}: no field is lacking, none is made up`, () => {
      const faults = [
        ...lacking
          .filter(({ field, need }) => need !== 'unknown' && !ON_REQUEST.has(`${kind}.${field}`))
          .map(({ field }) => `lacks ${field}`),
        ...more.filter(({ need }) => need === 'unknown').map(({ field }) => `has ${field}`),
      ];
      assert.deepEqual(faults, []);
    });
    const told = [...lacking.map(({ field }) => `without ${field}`), ...more.map(({ field }) => `with ${field}`)];
    if (told.length > 0) note(`${kind} of the sandbox, other than the example: ${told.join(', ')}`);
  }
  const unheard = Object.keys(examples).filter((kind) => !heard.includes(kind));
  if (unheard.length > 0) note(`not served by the sandbox, and so not compared: ${unheard.join(', ')}`);
}

/** The paths that are in `theirs` and not in `ours`, below objects that both have. */
function missing(theirs, ours) {
  return [...theirs].filter((field) => !ours.has(field) && (!field.includes('.') || ours.has(`${parent(field)}.*`)));
}

const parent = (field) => field.slice(0, field.lastIndexOf('.'));

/** The paths of all fields; `path.*` says that there was an object at the path, `[]` stands for any row. */
function fieldsOf(kind, values) {
  const found = new Set();
  const visit = (value, at) => {
    if (Array.isArray(value)) value.forEach((row) => visit(row, `${at}[]`));
    if (value === null || typeof value !== 'object' || Array.isArray(value)) return;
    if (at.endsWith('metadata') || `${kind}.${at}` === 'event.data.object') return;
    if (at) found.add(`${at}.*`);
    for (const [key, held] of Object.entries(value)) {
      const field = at ? `${at}.${key}` : key;
      found.add(field);
      visit(held, field);
    }
  };
  values.forEach((value) => visit(value, ''));
  return found;
}
