import { once } from 'node:events';
import type { Readable } from 'node:stream';

/**
 * Waits until a stream that shall be sent has something to say: where it breaks before, there is still time to answer with an error.
 * @throws what the stream was broken by
 */
export async function streamHasBegun(body: Readable): Promise<void> {
  // The sender listens for errors while it sends; before and afterwards they must not end the process.
  body.on('error', () => undefined);
  if (body.errored) throw body.errored;
  if (body.destroyed || body.readableLength > 0 || body.readableEnded) return;
  const settled = new AbortController();
  const { signal } = settled;
  try {
    await Promise.race([once(body, 'readable', { signal }), once(body, 'close', { signal })]);
  } finally {
    settled.abort();
  }
}
