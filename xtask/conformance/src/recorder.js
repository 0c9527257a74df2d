// A proxy in front of the sandbox: it keeps every JSON answer for the type check, and can lose one on its way back.

import { createServer, request as forward } from 'node:http';

/** Starts the proxy to `target`. Every answer in JSON is handed to `samples`. */
export async function startRecorder(target, samples) {
  const calls = [];
  let toLose = 0;

  const server = createServer((incoming, outgoing) => {
    calls.push({ method: incoming.method, path: incoming.url, headers: incoming.headers });
    const options = { method: incoming.method, headers: incoming.headers };
    const onward = forward(new URL(incoming.url, target), options, (answer) => {
      const chunks = [];
      answer.on('data', (chunk) => chunks.push(chunk));
      answer.on('end', () => {
        const body = Buffer.concat(chunks);
        if (toLose > 0) {
          toLose -= 1;
          incoming.socket.destroy();
          return;
        }
        if (/^application\/json/.test(answer.headers['content-type'] ?? '')) {
          samples.add(JSON.parse(body), `${incoming.method} ${incoming.url}`);
        }
        outgoing.writeHead(answer.statusCode, answer.rawHeaders);
        outgoing.end(body);
      });
    });
    onward.on('error', (error) => outgoing.destroy(error));
    incoming.pipe(onward);
  });

  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: server.address().port,
    url: `http://127.0.0.1:${server.address().port}`,
    /** What was asked, in order. */
    calls,
    /** The sandbox acts on the next `count` requests, and the caller never hears of it. */
    loseAnswers: (count) => {
      toLose = count;
    },
    stop: () => {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(resolve));
    },
  };
}
