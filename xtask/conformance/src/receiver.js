// A webhook endpoint that believes only what the official library can verify.

import { createServer } from 'node:http';

/** For how long an event is waited for; only a failing check waits that long. */
const PATIENCE_MS = 30_000;

/** Starts the endpoint. `accept(stripe, secret)` tells it how to verify, once the sandbox has told its secret. */
export async function startReceiver(samples) {
  const events = [];
  const refused = [];
  const waiting = new Set();
  let verify = () => {
    throw new Error('no secret is known yet');
  };

  const server = createServer((request, response) => {
    const chunks = [];
    request.on('data', (chunk) => chunks.push(chunk));
    request.on('end', () => {
      const body = Buffer.concat(chunks);
      try {
        verify(body, request.headers['stripe-signature']);
        const event = JSON.parse(body);
        events.push(event);
        samples.add(event, `webhook ${event.type}`);
        response.writeHead(200).end();
      } catch (error) {
        refused.push(error);
        response.writeHead(400).end();
      }
      for (const look of waiting) look();
    });
  });

  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${server.address().port}/webhook`,
    events,
    refused,
    accept: (stripe, secret) => {
      verify = (body, signature) => stripe.webhooks.constructEvent(body, signature, secret);
    },
    /** The first event, from the one with the number `from` on, of which `matches` says so. */
    event: (what, matches, from = 0) =>
      new Promise((resolve, reject) => {
        const look = () => {
          const found = events.slice(from).find(matches);
          if (!found) return;
          settle();
          resolve(found);
        };
        const settle = () => {
          clearTimeout(timer);
          waiting.delete(look);
        };
        const timer = setTimeout(() => {
          settle();
          const seen = events.slice(from).map((event) => event.type);
          reject(
            new Error(
              `no webhook: ${what}; verified: ${seen.join(', ') || 'none'}; refused: ${refused.join(', ') || 'none'}`,
            ),
          );
        }, PATIENCE_MS);
        waiting.add(look);
        look();
      }),
    stop: () => {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(resolve));
    },
  };
}
