// Stripe's published examples of several years: each reads to the same facts, and the sandbox has the newest's fields.

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

import { compareFields } from './fields.js';
import { check, section } from './report.js';
import { EVENTS_ABOUT, EXPECTED, tell } from './story.js';

const SECRET = 'whsec_conformance_fixtures';

/** Reads `DATE.json` files: an object for each kind of resource. */
export async function checkFixtures(folder, { readEvents, stripe, samples }) {
  const names = readdirSync(folder)
    .filter((name) => /^\d{4}-\d\d-\d\d\.json$/.test(name))
    .toSorted();
  const dates = names.map((name) => ({
    date: path.basename(name, '.json'),
    objects: JSON.parse(readFileSync(path.join(folder, name))),
  }));
  assert.ok(dates.length > 1, `${folder} has no DATE.json files to compare`);

  section(`published examples of ${dates.map(({ date }) => date).join(', ')}: the same story, the same facts`);
  const kinds = [...new Set(dates.flatMap(({ objects }) => Object.keys(objects)))].toSorted();
  for (const kind of kinds) {
    const told = dates.filter(({ objects }) => kind in objects);
    for (const type of EVENTS_ABOUT[kind] ?? [`${kind}.updated`]) {
      await check(`${type} with a ${kind} of ${told.length} dates`, () =>
        checkFacts(kind, type, told, { readEvents, stripe }),
      );
    }
  }

  section(`published examples of ${dates.at(-1).date}: the fields of the sandbox's objects`);
  await compareFields(dates.at(-1).objects, samples);
}

/** Every date's object tells one story, and `settled-stripe` reads the same out of each. */
async function checkFacts(kind, type, told, { readEvents, stripe }) {
  const now = Math.floor(Date.now() / 1000);
  const lines = told.map(({ date, objects }) => {
    const object = tell(kind, objects[kind], date);
    const event =
      kind === 'event'
        ? object
        : { id: 'evt_story', object: 'event', type, created: now, livemode: false, data: { object } };
    const payload = JSON.stringify(event, null, 2);
    const signature = stripe.webhooks.generateTestHeaderString({ payload, secret: SECRET, timestamp: now });
    return JSON.stringify({ payload, signature, secret: SECRET, now });
  });
  const read = await feed(readEvents, lines);
  assert.equal(read.length, told.length);
  for (const expected of EXPECTED[kind] ?? ['Unhandled']) {
    assert.ok(read[0].facts.includes(expected), `${expected} is not in what was read: ${read[0].facts}`);
  }
  for (const [index, { date }] of told.entries()) {
    assert.deepEqual(read[index], read[0], `${date} reads otherwise than ${told[0].date}`);
  }
}

/** Hands the lines to the program and returns what it answers to each. */
function feed(program, lines) {
  return new Promise((resolve, reject) => {
    const child = execFile(program, { env: {} }, (error, stdout) => {
      if (error) reject(error);
      else
        resolve(
          stdout
            .trim()
            .split('\n')
            .map((line) => JSON.parse(line)),
        );
    });
    child.stdin.end(lines.join('\n'));
  });
}
