import { once } from 'node:events';
import { type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import type { Admission } from '../security/admission.js';
import type { Certificates } from '../security/certificates.js';
import type { ContainerLog } from '../log.js';
import type { BrowserRules } from './browser-rules.js';
import { admitOnly, Doorway } from './doorway.js';
import { type Refuse, refuse, REFUSED_LINGER_MS, refuseInXml, refusePlainHttp, refuseUnreadable } from './refusals.js';
import { identify } from './request-id.js';
import { HANDSHAKE_TIMEOUT_MS, type Limits, makeServer, type Server } from './server.js';
import { Strangers } from './strangers.js';

/** How long requests under way may still take when the listener closes. */
const CLOSE_GRACE_MS = 2_000;
/** How long a connection may then be idle. */
const SWEEP_INTERVAL_MS = 10;

export interface ListenerOptions {
  /** HTTPS with this certificate; without one plain HTTP. */
  readonly certificates?: Certificates | undefined;
  /** Who is admitted; by default everybody. */
  readonly admits?: Admission;
  /** Text of the 403 for the others; by default they are only cut off. */
  readonly refusal?: string;
  /** What browsers may do; by default they are clients like any other. */
  readonly browsers?: BrowserRules | undefined;
  /** Answers the requests that the listener itself refuses; by default in XML. */
  readonly refuseRequest?: Refuse;
  /** Has a line of each request at the level debug; by default none. */
  readonly log?: RequestLog;
  /** In milliseconds, if different from those in `server.ts`. */
  readonly limits?: Limits;
  /** Not shared with the other processes of a cluster of Node. */
  readonly isExclusive?: boolean;
}

/** A log with its level, so that an unwanted line costs nothing. */
export type RequestLog = Pick<ContainerLog, 'debug' | 'level'>;

/** An HTTP or HTTPS listener. */
export class HttpListener {
  private constructor(
    private readonly server: Server,
    private readonly doorway: Doorway,
    private readonly strangers: Strangers | undefined,
  ) {}

  /** @param port 0 takes a free one. @throws the system's error, for example EADDRINUSE */
  static async open(
    host: string,
    port: number,
    handler: RequestListener,
    options: ListenerOptions = {},
  ): Promise<HttpListener> {
    const { certificates, admits, refusal, browsers, limits, log } = options;
    const { refuseRequest = refuseInXml, isExclusive = false } = options;
    const server = makeServer(
      (request, response) => {
        const id = identify(request, response);
        if (log?.level === 'debug' || log?.level === 'trace') logWhenOver(log, id, request, response);
        if (!hasOneHost(request)) refuseRequest(request, response, BAD_HOST);
        else if (browsers?.refuse(request, response, refuseRequest) !== true) handler(request, response);
      },
      certificates,
      limits,
    );
    const doorway = new Doorway();
    if (certificates) doorway.detectPlainHttp(server, HANDSHAKE_TIMEOUT_MS, refusePlainHttp);
    const strangers = certificates && refusal !== undefined ? new Strangers(certificates, refusal) : undefined;
    const turnAway = (socket: Socket): void => {
      if (refusal === undefined) socket.destroy();
      else if (strangers) strangers.turnAway(socket);
      else doorway.whenHeard(socket, REFUSED_LINGER_MS, () => refuse(socket, 403, refusal));
    };
    if (admits) admitOnly(server, admits, turnAway);
    server.on('clientError', refuseUnreadable(refuseRequest));
    server.on('connect', (_request, socket) => refuse(socket, 405, 'CONNECT is not supported here'));
    server.listen({ port, host, exclusive: isExclusive });
    try {
      await once(server, 'listening');
    } catch (error) {
      strangers?.close();
      throw error;
    }
    return new HttpListener(server, doorway, strangers);
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  async close(): Promise<void> {
    const closed = once(this.server, 'close');
    this.server.close();
    this.doorway.close();
    this.strangers?.close();
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
const BAD_HOST = { status: 400, text: 'Host must be given once', fields: { Connection: 'close' } };

/** RFC 9112 section 3.2. Host decides nothing here, but a request with two is meant to be understood in two ways. */
function hasOneHost({ httpVersion, rawHeaders }: IncomingMessage): boolean {
  // Not by `headersDistinct`, which costs more than the rest of the listener.
  let count = 0;
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const name = rawHeaders[index] ?? '';
    if (name.length === HOST.length && name.toLowerCase() === HOST) count += 1;
  }
  return count === 1 || (count === 0 && httpVersion === '1.0');
}
