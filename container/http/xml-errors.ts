import { STATUS_CODES } from 'node:http';
import type { Middleware } from 'koa';
import { create } from 'xmlbuilder2';
import { type Log, xmlText } from '../../sdk/index.js';

const NAMESPACE = 'http://www.sipfoundry.org/sipX/schema/xml/call-status-00-00';
export const XML_TYPE = 'text/xml; charset=utf-8';

/** The body of every error: a `processing-status` whose code is the HTTP status. */
export function errorDocument(status: number, text: string): string {
  return create({ version: '1.0', encoding: 'UTF-8' })
    .ele(NAMESPACE, 'processing-status')
    .ele('error-flag')
    .txt('ERROR')
    .up()
    .ele('error-code')
    .txt(String(status))
    .up()
    .ele('error-text')
    .txt(xmlText(text))
    .end({ prettyPrint: true, indent: '', wellFormed: true });
}

/**
 * Turns what a handler throws, and a path that nobody serves, into an XML error. The text of a client's error is shown to it;
 * of a server's error only that there was one.
 */
export function xmlErrors(log: Log): Middleware {
  return async (ctx, next) => {
    try {
      await next();
      const { status, body } = ctx;
      if (status >= 400 && (body === undefined || body === null)) refuse(status, textOf(status));
    } catch (error) {
      const { status, text, headers } = describeError(error);
      if (status >= 500)
        log.error('HTTP request failed', { method: ctx.method, path: ctx.path, error: stackOf(error) });
      refuse(status, text, headers);
    }

    function refuse(status: number, text: string, headers: Readonly<Record<string, string>> = {}): void {
      ctx.set(headers);
      ctx.status = status;
      ctx.type = XML_TYPE;
      ctx.body = errorDocument(status, text);
    }
  };
}

function describeError(error: unknown): { status: number; text: string; headers?: Record<string, string> } {
  const { status, expose, message, headers } = (error ?? {}) as Partial<
    Error & { status: number; expose: boolean; headers: Record<string, string> }
  >;
  const known = typeof status === 'number' && STATUS_CODES[status] !== undefined && status >= 400;
  if (!known) return { status: 500, text: 'The service failed on this request' };
  const shown = (expose ?? status < 500) && message ? message : (STATUS_CODES[status] ?? '');
  return headers ? { status, text: shown, headers } : { status, text: shown };
}

function textOf(status: number): string {
  return status === 404 ? 'There is nothing at this path' : (STATUS_CODES[status] ?? '');
}

function stackOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
