import { createServer, type RequestListener, type Server as HttpServer, type ServerOptions } from 'node:http';
import { createServer as createTlsServer, type Server as HttpsServer } from 'node:https';
import type { Certificates } from '../security/certificates.js';
import { MAX_BODY_BYTES } from './body.js';
import { TLS_RULES } from '../sip/transport/tls-rules.js';

export type Server = HttpServer | HttpsServer;

/** How long a client may take to send its request, to greet over TLS, and an idle connection may stay open. */
const REQUEST_TIMEOUT_MS = 30_000;
const HEADERS_TIMEOUT_MS = 15_000;
export const HANDSHAKE_TIMEOUT_MS = 10_000;
const IDLE_TIMEOUT_MS = 5_000;
/** How often the first two are checked. */
const CHECK_INTERVAL_MS = 1_000;

const MAX_HEADER_BYTES = 16_384;
const MAX_HEADERS = 100;
const MAX_CONNECTIONS = 2_048;

/** In size and time, as Node's servers take them. */
export type Limits = Pick<ServerOptions, 'requestTimeout' | 'headersTimeout' | 'connectionsCheckingInterval'>;

const LIMITS: ServerOptions = {
  requestTimeout: REQUEST_TIMEOUT_MS,
  headersTimeout: HEADERS_TIMEOUT_MS,
  keepAliveTimeout: IDLE_TIMEOUT_MS,
  connectionsCheckingInterval: CHECK_INTERVAL_MS,
  maxHeaderSize: MAX_HEADER_BYTES,
  // Over plain TCP a body of allowed length arrives without a pause.
  highWaterMark: MAX_BODY_BYTES + 1,
  // The listener checks Host itself, to answer in XML.
  requireHostHeader: false,
};

/** Makes a server for HTTP, or for HTTPS if there is a certificate, with limits in size and time. Does not listen yet. */
export function makeServer(handler: RequestListener, certificates?: Certificates, limits: Limits = {}): Server {
  const options = { ...LIMITS, ...limits };
  const server = certificates ? makeTlsServer(handler, certificates, options) : createServer(options, handler);
  server.maxHeadersCount = MAX_HEADERS;
  server.maxConnections = MAX_CONNECTIONS;
  return server;
}

function makeTlsServer(handler: RequestListener, certificates: Certificates, limits: ServerOptions): HttpsServer {
  const server = createTlsServer(
    { ...limits, ...TLS_RULES, ...certificates.current, handshakeTimeout: HANDSHAKE_TIMEOUT_MS },
    handler,
  );
  // Connections that are open keep the old one.
  const use = (): void => server.setSecureContext({ ...TLS_RULES, ...certificates.current });
  certificates.on('changed', use);
  server.once('close', () => certificates.off('changed', use));
  return server;
}
