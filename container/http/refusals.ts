import { randomUUID } from 'node:crypto';
import { IncomingMessage, ServerResponse, STATUS_CODES } from 'node:http';
import { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { REQUEST_ID } from '../../sdk/index.js';
import { identify } from './request-id.js';
import { errorDocument, sendError, XML_TYPE } from './xml-errors.js';

/** How long a refused client has to read the answer; Node no longer watches its connection. */
export const REFUSED_LINGER_MS = 1_000;

/** Answers plain HTTP at a port for HTTPS. */
export function refusePlainHttp(socket: Socket): void {
  refuse(socket, 400, 'This port speaks HTTPS: the URL begins with https://');
}

/** What a refused request is told. */
export interface Refusal {
  readonly status: number;
  readonly text: string;
  /** Further header fields of the answer. */
  readonly fields?: Readonly<Record<string, string>>;
}

/** Answers a request that the listener itself refuses. */
export type Refuse = (request: IncomingMessage, response: ServerResponse, refusal: Refusal) => void;

/** In XML, whatever the path. */
export const refuseInXml: Refuse = (_request, response, { status, text, fields }) =>
  sendError(response, status, text, fields);

/** An error of Node's HTTP parser, or of the connection. */
interface ClientError extends NodeJS.ErrnoException {
  /** What the parser was reading. */
  readonly rawPacket?: Buffer;
}

/** Answers what Node's HTTP parser refuses, which never reaches Koa, with the same kind of error as elsewhere. */
export function refuseUnreadable(refuseRequest: Refuse): (error: ClientError, socket: Duplex) => void {
  const answered = new WeakSet<Duplex>();
  return (error, socket) => {
    // Other errors concern the connection, for example a failed TLS handshake: there is nobody to answer.
    const isAboutHttp = error.code?.startsWith('HPE_') || error.code === 'ERR_HTTP_REQUEST_TIMEOUT';
    if (!isAboutHttp || !socket.writable) {
      socket.destroy();
      return;
    }
    // The parser complains again of what the client goes on to say.
    if (answered.has(socket)) return;
    answered.add(socket);
    const [status, text] = REFUSALS[error.code ?? ''] ?? [400, 'The request is not HTTP'];
    const exchange = socket instanceof Socket ? exchangeOn(socket, error.rawPacket) : undefined;
    if (!exchange) {
      refuse(socket, status, text);
      return;
    }
    const { request, response } = exchange;
    linger(socket);
    response.once('finish', () => socket.end());
    refuseRequest(request, response, {
      status,
      text,
      fields: { Connection: 'close', ...(status === 405 && { Allow: ALLOWED }) },
    });
  };
}

const REQUEST_LINE = /^([!#$%&'*+.^_`|~\w-]+) (\/\S*)/;

/** A request as far as its first line tells; undefined if that line is not there, or another request is being answered. */
function exchangeOn(
  socket: Socket,
  rawPacket: Buffer | undefined,
): { readonly request: IncomingMessage; readonly response: ServerResponse } | undefined {
  const [, method, url] = REQUEST_LINE.exec(rawPacket?.toString('latin1') ?? '') ?? [];
  if (method === undefined || url === undefined) return undefined;
  const request = Object.assign(new IncomingMessage(socket), { method, url });
  const response = new ServerResponse(request);
  try {
    response.assignSocket(socket);
  } catch {
    return undefined;
  }
  identify(request, response);
  return { request, response };
}

/** By the code of the parser's error. */
const REFUSALS: Readonly<Record<string, readonly [status: number, text: string]>> = {
  HPE_INVALID_METHOD: [405, 'The method is not supported here'],
  HPE_HEADER_OVERFLOW: [431, 'The request line and headers are too long'],
  HPE_CHUNK_EXTENSIONS_OVERFLOW: [413, 'The chunk extensions are too long'],
  ERR_HTTP_REQUEST_TIMEOUT: [408, 'The request took too long to arrive'],
};

/** A 405 needs Allow (RFC 9110 section 15.5.6); most resources allow these. */
const ALLOWED = 'GET, POST';

/** Answers a connection that Node's HTTP server no longer watches, or never did, and ends it. */
export function refuse(socket: Duplex, status: number, text: string): void {
  linger(socket);
  const body = errorDocument(status, text);
  socket.end(
    `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}\r\nConnection: close\r\n${REQUEST_ID}: ${randomUUID()}\r\n${status === 405 ? `Allow: ${ALLOWED}\r\n` : ''}` +
      `Content-Type: ${XML_TYPE}\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
  );
}

/** Ignores further data of a refused client: a reset would keep the client from reading the answer. */
function linger(socket: Duplex): void {
  const timer = setTimeout(() => socket.destroy(), REFUSED_LINGER_MS);
  socket.once('close', () => clearTimeout(timer));
  socket.on('error', () => socket.destroy());
  socket.resume();
}
