import { randomUUID } from 'node:crypto';
import { STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { REQUEST_ID } from '../../sdk/index.js';
import { errorDocument, XML_TYPE } from './xml-errors.js';

/** How long a refused client has to read the answer; Node no longer watches its connection. */
export const REFUSED_LINGER_MS = 1_000;

/** Answers plain HTTP at a port for HTTPS. */
export function refusePlainHttp(socket: Socket): void {
  refuse(socket, 400, 'This port speaks HTTPS: the URL begins with https://');
}

/** Answers what Node's HTTP parser refuses, which never reaches Koa, with the same kind of error as elsewhere. */
export function refuseUnreadable(error: NodeJS.ErrnoException, socket: Duplex): void {
  // Other errors concern the connection, for example a failed TLS handshake: there is nobody to answer.
  const isAboutHttp = error.code?.startsWith('HPE_') || error.code === 'ERR_HTTP_REQUEST_TIMEOUT';
  if (!isAboutHttp || !socket.writable) {
    socket.destroy();
    return;
  }
  const [status, text] = REFUSALS[error.code ?? ''] ?? [400, 'The request is not HTTP'];
  refuse(socket, status, text);
}

/** By the code of the parser's error. */
const REFUSALS: Readonly<Record<string, readonly [status: number, text: string]>> = {
  HPE_INVALID_METHOD: [405, 'The method is not supported here'],
  HPE_HEADER_OVERFLOW: [431, 'The request line and headers are too long'],
  HPE_CHUNK_EXTENSIONS_OVERFLOW: [413, 'The chunk extensions are too long'],
  ERR_HTTP_REQUEST_TIMEOUT: [408, 'The request took too long to arrive'],
};

/** A 405 needs Allow (RFC 9110 section 15.5.6); most resources allow these. */
const ALLOW = 'Allow: GET, POST\r\n';

/** Answers a connection that Node's HTTP server no longer watches, or never did, and ends it. */
export function refuse(socket: Duplex, status: number, text: string): void {
  const timer = setTimeout(() => socket.destroy(), REFUSED_LINGER_MS);
  socket.once('close', () => clearTimeout(timer));
  socket.on('error', () => socket.destroy());
  // Ignores further data: a reset would keep the client from reading the answer.
  socket.resume();
  const body = errorDocument(status, text);
  socket.end(
    `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}\r\nConnection: close\r\n${REQUEST_ID}: ${randomUUID()}\r\n${status === 405 ? ALLOW : ''}` +
      `Content-Type: ${XML_TYPE}\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
  );
}
