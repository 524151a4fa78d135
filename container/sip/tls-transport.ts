import { isIP } from 'node:net';
import { connect, createServer } from 'node:tls';
import type { Dialer } from './connections.js';
import { hostPort } from './next-hop.js';
import { DEFAULT_STREAM_LIMITS, listen, type StreamLimits, StreamTransport } from './stream-transport.js';
import type { Receiver, Transport } from './transport.js';

/** In PEM. */
export interface TlsIdentity {
  readonly key: string | Buffer;
  readonly cert: string | Buffer;
  /** Authorities that other servers are checked against; those that Node.js knows by default. */
  readonly ca: string | Buffer | undefined;
}

const HANDSHAKE_TIMEOUT_MS = 10_000;

/**
 * Listens for SIP over TLS 1.2 and up. A server that we connect to must have a certificate for the name that it was found by, of
 * an authority that we trust; a peer that connects to us need not show one, so requests to it take a connection of our own.
 * @throws Error for a key or certificate that is none, or the system's error, for example EADDRINUSE
 */
export async function openTls(
  host: string,
  port: number,
  { key, cert, ca }: TlsIdentity,
  receiver: Receiver,
  limits: StreamLimits = DEFAULT_STREAM_LIMITS,
): Promise<Transport> {
  const common = { key, cert, minVersion: 'TLSv1.2' } as const;
  const server = createServer({ ...common, handshakeTimeout: HANDSHAKE_TIMEOUT_MS });
  server.on('tlsClientError', (error, { remoteAddress = '' }) => receiver.onRefusal(error.message, remoteAddress));
  await listen(server, host, port);
  const from = { localAddress: host }; // net.connect's, which tls.connect's types leave out
  const dialer: Dialer = {
    protocol: 'TLS',
    readyEvent: 'secureConnect',
    trustsAddress: false,
    keyOf: (target) => `${target.host.toLowerCase()} ${hostPort(target.address, target.port)}`,
    connect: (target) => {
      // SNI has no place for an address; without it Node.js checks the certificate for `host`.
      const name = isIP(target.host) ? {} : { servername: target.host };
      return connect({ ...common, ...from, ...name, ca, host: target.address, port: target.port });
    },
  };
  return new StreamTransport(server, 'secureConnection', dialer, limits, receiver);
}
