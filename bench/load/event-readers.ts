import { connect } from 'node:net';

/* Many readers of the stream of events, which do no more than count: `node event-readers.js PORT READERS`. */

const [port = '', readers = ''] = process.argv.slice(2);
/** Text that each event has exactly once. */
const EVENT = Buffer.from('\nevent: call.');
const GREETING = 'event: stream.open';
/** Number of readers that connect at a time. */
const BATCH = 50;

let events = 0;

function open(): Promise<void> {
  const socket = connect({ port: Number(port), host: '127.0.0.1' });
  socket.write('GET /v1/events HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n');
  return new Promise((resolve, reject) => {
    socket.once('error', reject);
    socket.on('data', (chunk) => {
      if (chunk.includes(GREETING)) resolve();
      for (let at = chunk.indexOf(EVENT); at !== -1; at = chunk.indexOf(EVENT, at + 1)) events += 1;
    });
  });
}

process.on('message', () => process.send?.({ events }));
process.once('disconnect', () => process.exit());

for (let opened = 0; opened < Number(readers); opened += BATCH) {
  await Promise.all(Array.from({ length: Math.min(BATCH, Number(readers) - opened) }, open));
}
process.send?.('ready');
