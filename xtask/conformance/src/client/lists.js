// What holds for every list.

import assert from 'node:assert/strict';

import { check } from '../report.js';

/** Page by page there is the same as at once: each row once, the newest first; and backwards too. */
export function checkPages(name, list) {
  return check(`${name}: pages of one row add up to the whole list, forwards and backwards`, async () => {
    const whole = await list({ limit: 100 });
    assert.equal(whole.object, 'list');
    assert.ok(whole.data.length > 1 && !whole.has_more, `a list of ${whole.data.length} shows nothing`);
    const ids = whole.data.map((row) => row.id);
    assert.equal(new Set(ids).size, ids.length);

    const forwards = [];
    for await (const row of list({ limit: 1 })) forwards.push(row.id);
    assert.deepEqual(forwards, ids);

    const backwards = await list({ limit: 1, ending_before: ids.at(-1) }).autoPagingToArray({ limit: 1_000 });
    assert.deepEqual(
      backwards.map((row) => row.id),
      ids.slice(0, -1).reverse(),
    );

    const times = whole.data.map((row) => row.created);
    assert.deepEqual(
      times,
      times.toSorted((a, b) => b - a),
      'the newest comes first',
    );
  });
}

/** Compares two answers without what the library adds to them. */
export function same(actual, expected) {
  assert.deepEqual(JSON.parse(JSON.stringify(actual)), JSON.parse(JSON.stringify(expected)));
}
