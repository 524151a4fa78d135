import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { type IncomingMessage, type RequestListener, type ServerResponse, STATUS_CODES } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { REQUEST_ID } from '../../sdk/index.js';
import type { Admission } from '../security/admission.js';
import type { Certificates } from '../security/certificates.js';
import type { ContainerLog } from '../log.js';
import type { BrowserRules } from './browser-rules.js';
import { admitOnly, Doorway } from './doorway.js';
import { identify } from './request-id.js';
import { HANDSHAKE_TIMEOUT_MS, type Limits, makeServer, type Server } from './server.js';
import { errorDocument, sendError, XML_TYPE } from './xml-errors.js';

/** How long a refused client may take to read why: Node no longer watches its connection. */
const REFUSED_LINGER_MS = 1_000;
/** How long requests under way may still take when the listener closes. */
const CLOSE_GRACE_MS = 2_000;
/** How long a connection may then be idle. */
const SWEEP_INTERVAL_MS = 10;

export interface ListenerOptions {
  /** HTTPS with this certificate; without one plain HTTP. */
  readonly certificates?: Certificates | undefined;
  /** Who is let in; by default everybody. */
  readonly admits?: Admission;
  /** What browsers may do; by default they are clients like any other. */
  readonly browsers?: BrowserRules | undefined;
  /** Has a line of each request at the level debug; by default there is none. */
  readonly log?: RequestLog;
  /** In milliseconds, where they are other than in `server.ts`. */
  readonly limits?: Limits;
  /** Not shared with the other processes of a cluster of Node. */
  readonly isExclusive?: boolean;
}

/** A log that tells its level, so that a line that is not wanted costs nothing. */
export type RequestLog = Pick<ContainerLog, 'debug' | 'level'>;

/** An HTTP or HTTPS listener. */
export class HttpListener {
  private constructor(
    private readonly server: Server,
    private readonly doorway: Doorway,
  ) {}

  /** @param port 0 takes a free one. @throws the system's error, for example EADDRINUSE */
  static async open(
    host: string,
    port: number,
    handler: RequestListener,
    { certificates, admits, browsers, limits, log, isExclusive = false }: ListenerOptions = {},
  ): Promise<HttpListener> {
    const server = makeServer(
      (request, response) => {
        const id = identify(request, response);
        if (log?.level === 'debug' || log?.level === 'trace') logWhenOver(log, id, request, response);
        if (!hasOneHost(request)) answerBadHost(response);
        else if (browsers?.refuse(request, response) !== true) handler(request, response);
      },
      certificates,
      limits,
    );
    const doorway = new Doorway();
    if (certificates) doorway.detectPlainHttp(server, HANDSHAKE_TIMEOUT_MS, refusePlainHttp);
    // Over TLS there is no answer without a handshake.
    const turnAway = (socket: Socket): void => {
      if (certificates) socket.destroy();
      else doorway.whenHeard(socket, REFUSED_LINGER_MS, () => refuseStranger(socket));
    };
    if (admits) admitOnly(server, admits, turnAway);
    server.on('clientError', refuseUnreadable);
    server.on('connect', (_request, socket) => refuse(socket, 405, 'CONNECT is not supported here'));
    server.listen({ port, host, exclusive: isExclusive });
    await once(server, 'listening');
    return new HttpListener(server, doorway);
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  async close(): Promise<void> {
    const closed = once(this.server, 'close');
    this.server.close();
    this.doorway.close();
    // Node closes the connections that are idle now, and not those that become so.
    const sweep = setInterval(() => this.server.closeIdleConnections(), SWEEP_INTERVAL_MS);
    const grace = setTimeout(() => this.server.closeAllConnections(), CLOSE_GRACE_MS);
    await closed;
    clearInterval(sweep);
    clearTimeout(grace);
  }
}

/** The path is told without the query, which may have a PIN. */
function logWhenOver(log: RequestLog, requestId: string, request: IncomingMessage, response: ServerResponse): void {
  const { method, url = '', socket } = request;
  const client = socket.remoteAddress;
  const startedAtMs = performance.now();
  response.once('close', () => {
    const status = response.headersSent ? response.statusCode : 'aborted';
    const path = url.split('?', 1)[0];
    log.debug('HTTP request', {
      requestId,
      client,
      method,
      path,
      status,
      ms: Math.round(performance.now() - startedAtMs),
    });
  });
}

const HOST = 'host';

/** RFC 9112 section 3.2. It decides nothing here, but whoever sends two wants to be understood in two ways. */
function hasOneHost({ httpVersion, rawHeaders }: IncomingMessage): boolean {
  // Not by `headersDistinct`, which costs more than the rest of the listener.
  let count = 0;
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const name = rawHeaders[index] ?? '';
    if (name.length === HOST.length && name.toLowerCase() === HOST) count += 1;
  }
  return count === 1 || (count === 0 && httpVersion === '1.0');
}

function answerBadHost(response: ServerResponse): void {
  sendError(response, 400, 'Host must be given once', { Connection: 'close' });
}

function refusePlainHttp(socket: Socket): void {
  refuse(socket, 400, 'This port speaks HTTPS: the URL begins with https://');
}

function refuseStranger(socket: Socket): void {
  refuse(socket, 403, 'This address may not connect here: insideNetworks does not name it');
}

/** What Node's HTTP parser refuses never reaches Koa; its sender gets the same kind of error as anybody. */
function refuseUnreadable(error: NodeJS.ErrnoException, socket: Duplex): void {
  // What is not the parser's is about the connection, for example a TLS handshake that failed: there is nobody to answer.
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

/** Any 405 has to say what is allowed (RFC 9110 section 15.5.6): at most resources it is this. */
const ALLOW = 'Allow: GET, POST\r\n';

function refuse(socket: Duplex, status: number, text: string): void {
  const timer = setTimeout(() => socket.destroy(), REFUSED_LINGER_MS);
  socket.once('close', () => clearTimeout(timer));
  socket.on('error', () => socket.destroy());
  // What it goes on to say is not read; a reset would keep the answer from it.
  socket.resume();
  const body = errorDocument(status, text);
  socket.end(
    `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}\r\nConnection: close\r\n${REQUEST_ID}: ${randomUUID()}\r\n${status === 405 ? ALLOW : ''}` +
      `Content-Type: ${XML_TYPE}\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
  );
}
