import createError from 'http-errors';
import type { Context } from 'koa';

const MAX_BYTES = 64 * 1024;

/** A request's body, and how it is encoded now. */
export interface RequestBody {
  readonly content: Buffer;
  /** The container has undone its Content-Encoding. */
  readonly decompressed: boolean;
}

/**
 * The body as the client sent it: what the container has read already, or what is still to be read.
 * @throws HttpError 413 when it is larger than 64 KiB
 */
export async function readBody({ request, req }: Context): Promise<RequestBody> {
  if (request.rawBody !== undefined) return { content: Buffer.from(request.rawBody), decompressed: true };
  const chunks: Buffer[] = [];
  let size = 0;
  // The connection has to stay, for the answer.
  for await (const chunk of req.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > MAX_BYTES) {
      throw createError(413, `The request body is larger than ${MAX_BYTES} bytes`, {
        headers: { Connection: 'close' },
      });
    }
    chunks.push(chunk);
  }
  return { content: Buffer.concat(chunks), decompressed: false };
}
