import { type ServerResponse, STATUS_CODES } from 'node:http';
import { Readable } from 'node:stream';
import type Koa from 'koa';
import type { Context } from 'koa';
import { create } from 'xmlbuilder2';
import { type ErrorBody, type Log, type RefusedRequest, xmlText } from '../../sdk/index.js';
import { RefusedRequests } from './refused-requests.js';
import { streamHasBegun } from './stream-body.js';

const NAMESPACE = 'http://www.sipfoundry.org/sipX/schema/xml/call-status-00-00';
export const XML_TYPE = 'text/xml; charset=utf-8';

/** Header fields of an error, for example `Allow` or the challenges of a 401. */
type Fields = Readonly<Record<string, string | string[]>>;

/** Stands for what differs from error to error. */
const BLANK = '{}';
/** The document, cut at its blanks and laid out once: while the service is full, most of its answers are errors. */
const [HEAD = '', AFTER_CODE = '', END = ''] = create({ version: '1.0', encoding: 'UTF-8' })
  .ele(NAMESPACE, 'processing-status')
  .ele({ 'error-flag': 'ERROR', 'error-code': BLANK, 'error-text': BLANK })
  .end({ prettyPrint: true, indent: '', wellFormed: true })
  .split(BLANK);

/** The body of every error: a `processing-status` whose code is the HTTP status. */
export function errorDocument(status: number, text: string): string {
  const escaped = xmlText(text).replaceAll('<', '&lt;').replaceAll('>', '&gt;');
  return `${HEAD}${status}${AFTER_CODE}${escaped}${END}`;
}

/** Writes the body of an error, at the paths of one plugin. */
export type DescribeError = (refused: RefusedRequest, context: Context) => ErrorBody;

/** In XML, the form of all errors for which no plugin writes the body. */
export function xmlErrorBody({ status, text }: Pick<RefusedRequest, 'status' | 'text'>): ErrorBody {
  return { contentType: XML_TYPE, content: errorDocument(status, text) };
}

/** Header fields that an error keeps from the answer it replaces: the CORS fields, and the request id. */
const KEPT = /^(?:access-control-.*|vary|x-request-id)$/;

/** Answers with an error in XML, dropping an answer that was prepared but not begun. */
export function sendError(response: ServerResponse, status: number, text: string, fields: Fields = {}): void {
  sendErrorBody(response, status, xmlErrorBody({ status, text }), fields);
}

/** As `sendError`, with another body. */
export function sendErrorBody(
  response: ServerResponse,
  status: number,
  { contentType, content }: ErrorBody,
  fields: Fields = {},
): void {
  for (const name of response.getHeaderNames()) if (!KEPT.test(name)) response.removeHeader(name);
  const own = { 'Content-Type': contentType, 'Content-Length': Buffer.byteLength(content) };
  response.writeHead(status, STATUS_CODES[status] ?? '', { ...fields, ...own });
  response.end(content);
}

/**
 * Turns every failure of an application into an error with a body: what a handler throws, a body that cannot be sent, a status without a
 * body, an unknown path. Shows the text of a client error (4xx), and of a server error with a text for the client (`ctx.throw(502,
 * 'text')`), but nothing of other errors.
 */
export function answerErrors(app: Koa, log: Log, describe: DescribeError): void {
  const onError = (error: unknown): void => log.error('HTTP response failed', { error: stackOf(error) });
  const refused = new RefusedRequests(log);
  app.on('error', onError);
  Object.assign(app.context, {
    onerror(this: Context, error: unknown): void {
      // Koa also calls this when a response has been sent.
      if (error !== null && error !== undefined) answerError(this, error, { log, describe, refused });
    },
  });
  app.use(async (ctx, next) => {
    // What a plugin writes after the end of its answer would end the process.
    ctx.res.on('error', onError);
    try {
      await next();
      if (ctx.body instanceof Readable) await streamHasBegun(ctx.body);
    } catch (error) {
      throw error ?? new Error('a handler has thrown nothing');
    }
    const { status, body } = ctx;
    if (status < 400 || (body !== undefined && body !== null) || ctx.respond === false || ctx.headerSent) return;
    const { contentType, content } = describe({ status, text: textOf(status), error: undefined }, ctx);
    // Koa turns its 404 into 200 when a body is set.
    ctx.status = status;
    ctx.type = contentType;
    ctx.body = content;
  });
}

interface Answering {
  readonly log: Log;
  readonly describe: DescribeError;
  readonly refused: RefusedRequests;
}

function answerError(ctx: Context, error: unknown, { log, describe, refused }: Answering): void {
  const { method, path, res } = ctx;
  const { status, text, isShown, fields } = describeError(error);
  if (!ctx.headerSent && ctx.writable) {
    if (status < 500 || (status === 503 && isShown)) refused.tell(ctx, status, text);
    else log.error('HTTP request failed', { method, path, error: stackOf(error) });
    sendErrorBody(res, status, describe({ status, text, error }, ctx), fields);
    return;
  }
  // A client that disconnects is not a failure of the service.
  if (res.req.socket.destroyed && isOfConnection(error))
    log.debug('HTTP request given up by its client', { method, path });
  else log.error('HTTP response failed', { method, path, error: stackOf(error) });
  // Half an answer must not pass for a whole one.
  if (!res.writableEnded) res.destroy();
}

interface DescribedError {
  readonly status: number;
  readonly text: string;
  /** Whether the text is the error's own, and meant for the client. */
  readonly isShown: boolean;
  readonly fields?: Fields | undefined;
}

function describeError(error: unknown): DescribedError {
  const { status, expose, message, headers } = error as Partial<
    Error & { status: number; expose: boolean; headers: Fields }
  >;
  const known = typeof status === 'number' && STATUS_CODES[status] !== undefined && status >= 400;
  if (!known) return { status: 500, text: 'The service failed on this request', isShown: false };
  const isShown = isMadeOfText(error) || (expose ?? status < 500);
  const shown = isShown && message ? message : (STATUS_CODES[status] ?? '');
  return { status, text: shown, isShown, fields: headers };
}

/**
 * http-errors makes an error of a status and a text, which is meant for the client, or of a status and another error, which then has
 * `expose` as a property of its own. The text of that other error may contain secrets.
 */
function isMadeOfText(error: unknown): boolean {
  return error instanceof Error && 'expose' in error && !Object.hasOwn(error, 'expose');
}

/** Errors of a connection that was closed while something was read from it, or written to it. */
const CONNECTION_ERRORS: ReadonlySet<unknown> = new Set([
  'ECONNRESET',
  'EPIPE',
  'ERR_STREAM_DESTROYED',
  'ERR_STREAM_PREMATURE_CLOSE',
]);

/** With a status below 500: a request that has not come as a whole. */
function isOfConnection(error: unknown): boolean {
  const { code, status = 500 } = error as { readonly code?: unknown; readonly status?: number };
  return CONNECTION_ERRORS.has(code) || status < 500;
}

function textOf(status: number): string {
  return status === 404 ? 'There is nothing at this path' : (STATUS_CODES[status] ?? '');
}

function stackOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
