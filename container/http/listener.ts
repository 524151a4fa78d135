import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { errorDocument, XML_TYPE } from './xml-errors.js';

/** How long a client may take to send its request, and an idle connection may stay open. */
const REQUEST_TIMEOUT_MS = 30_000;
const HEADERS_TIMEOUT_MS = 15_000;
/** How long requests under way may still take when the listener closes. */
const CLOSE_GRACE_MS = 2_000;

/** A plain HTTP listener. */
export class HttpListener {
  private constructor(private readonly server: Server) {}

  /** @param port 0 takes a free one. @throws the system's error, for example EADDRINUSE */
  static async open(host: string, port: number, handler: RequestListener): Promise<HttpListener> {
    const server = createServer({ requestTimeout: REQUEST_TIMEOUT_MS, headersTimeout: HEADERS_TIMEOUT_MS }, handler);
    server.on('clientError', refuseUnreadable);
    server.listen(port, host);
    await once(server, 'listening');
    return new HttpListener(server);
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  async close(): Promise<void> {
    const closed = once(this.server, 'close');
    this.server.close();
    this.server.closeIdleConnections();
    const grace = setTimeout(() => this.server.closeAllConnections(), CLOSE_GRACE_MS);
    await closed;
    clearTimeout(grace);
  }
}

/** What Node's HTTP parser refuses never reaches Koa; its sender gets the same kind of error as anybody. */
function refuseUnreadable(error: NodeJS.ErrnoException, socket: Duplex): void {
  if (!socket.writable || error.code === 'ECONNRESET') {
    socket.destroy();
    return;
  }
  const [status, text] =
    error.code === 'HPE_HEADER_OVERFLOW'
      ? [431, 'The request line and headers are too long']
      : error.code === 'ERR_HTTP_REQUEST_TIMEOUT'
        ? [408, 'The request took too long to arrive']
        : [400, 'The request is not HTTP'];
  const body = errorDocument(status, text);
  socket.end(
    `HTTP/1.1 ${status} Refused\r\nConnection: close\r\nContent-Type: ${XML_TYPE}\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
  );
}
