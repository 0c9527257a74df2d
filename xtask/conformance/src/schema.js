// Everything that was heard is what the official types describe, and the types notice when it is not.

import assert from 'node:assert/strict';

import { mutantsOf } from './mutants.js';
import { check, section } from './report.js';
import { typeErrors, typeOf } from './types.js';

/** Objects of the hosted page that the CLI reads; Stripe documents no type for them. */
const WITHOUT_TYPE = new Set(['checkout.payment_page', 'payment_page']);

/** The objects of which every field is dropped and renamed, to see that it would be noticed. */
const MUTATED = ['checkout.session', 'subscription', 'invoice', 'event'];

/** Fields that are there only on request: their absence is no fault. */
const ON_REQUEST = new Set(['dropped line_items', 'dropped payments']);

/** Holds each sample against its type, and then each copy of some samples that lacks one field or has it renamed. */
export async function checkSchema(samples) {
  const typed = samples.all().filter((sample) => !WITHOUT_TYPE.has(sample.kind));
  const mutants = MUTATED.flatMap((kind) => mutantsOf(fullest(samples.of(kind))));
  const errors = typeErrors([...typed, ...mutants]);

  section('the types of the official library, as the schema of everything that was heard');
  for (const [name, ours] of byName(typed.map((sample, index) => ({ ...sample, errors: errors[index] })))) {
    await check(`${name}: ${ours.length} sample(s) are a ${typeOf(ours[0])}`, () => {
      const lines = ours.flatMap(({ errors, source }) => errors.map((error) => `${source}: ${error}`));
      assert.equal(lines.length, 0, [...new Set(lines)].slice(0, 12).join('\n'));
    });
  }

  section('the schema notices every field that is dropped or renamed');
  const judged = mutants.map((mutant, index) => ({ ...mutant, noticed: errors[typed.length + index].length > 0 }));
  for (const kind of MUTATED) {
    const ours = judged.filter((mutant) => mutant.kind === kind && !ON_REQUEST.has(mutant.what));
    await check(`${kind}: ${ours.length} changes of one field`, () => {
      assert.ok(ours.length > 0, `no ${kind} was heard`);
      const unnoticed = ours.filter((mutant) => !mutant.noticed).map((mutant) => mutant.what);
      assert.deepEqual(unnoticed, [], 'changes that nobody noticed');
    });
  }
}

/** Of samples of one kind, the one in which most is said, but without what was expanded. */
function fullest(samples) {
  const said = ({ value }) => Object.values(value.data ?? value).filter((held) => held !== null).length;
  const size = ({ value }) => JSON.stringify(value).length;
  return samples.toSorted((a, b) => said(b) - said(a) || size(a) - size(b))[0];
}

function byName(samples) {
  const name = ({ kind, value }) => (kind === 'event' ? `event ${value.type}` : kind);
  const names = [...new Set(samples.map(name))].toSorted();
  return names.map((each) => [each, samples.filter((sample) => name(sample) === each)]);
}
