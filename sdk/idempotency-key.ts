import createError from 'http-errors';
import type { Context } from 'koa';

/** A Structured Field string (RFC 9651), or the same without its quotes, as most clients write it. */
const KEY = /^(?:"([!#-[\]-~ ]{1,255})"|([!#-~]{1,255}))$/;

/**
 * The `Idempotency-Key` of a request, undefined if it has none.
 * @throws HttpError 400 when it is given twice, or is no text of 1 to 255 visible characters
 */
export function idempotencyKey({ req }: Context): string | undefined {
  const [header, ...others] = req.headersDistinct['idempotency-key'] ?? [];
  if (header === undefined) return undefined;
  const [, quoted, plain] = KEY.exec(header) ?? [];
  const key = quoted ?? plain;
  if (key === undefined || others.length > 0)
    throw createError(400, 'Idempotency-Key must be given once, as a text of 1 to 255 visible characters');
  return key;
}
