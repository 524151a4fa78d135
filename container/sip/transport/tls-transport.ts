import { isIP } from 'node:net';
import { connect, createServer, type Server } from 'node:tls';
import type { Dialer } from './connections.js';
import { hostPort } from '../message/host-port.js';
import { DEFAULT_STREAM_LIMITS, listen, type StreamLimits, StreamTransport } from './stream-transport.js';
import { TLS_RULES } from './tls-rules.js';
import type { Receiver } from './transport.js';

/** In PEM. */
export interface TlsIdentity {
  readonly key: string | Buffer;
  readonly cert: string | Buffer;
  /** Authorities to check other servers against; by default those of Node.js. */
  readonly ca: string | Buffer | undefined;
}

const HANDSHAKE_TIMEOUT_MS = 10_000;

/**
 * SIP over TLS 1.2 or newer, as strict as HTTPS here. A server that we connect to must present a certificate for the name that it was
 * found by, from an authority that we trust. A peer that connects to us need not present one, so requests to it use a connection that we
 * open.
 */
export class TlsTransport extends StreamTransport {
  readonly #server: Server;
  readonly #setIdentity: (identity: TlsIdentity) => void;

  private constructor(server: Server, host: string, identity: TlsIdentity, receiver: Receiver, limits: StreamLimits) {
    const from = { localAddress: host }; // an option of net.connect, which the types of tls.connect omit
    let own = identity;
    const dialer: Dialer = {
      protocol: 'TLS',
      readyEvent: 'secureConnect',
      trustsAddress: false,
      keyOf: (target) => `${target.host.toLowerCase()} ${hostPort(target.address, target.port)}`,
      connect: (target) => {
        // SNI does not allow an address; without SNI, Node.js checks the certificate for `host`.
        const name = isIP(target.host) ? {} : { servername: target.host };
        return connect({ ...own, ...TLS_RULES, ...from, ...name, host: target.address, port: target.port });
      },
    };
    super(server, 'secureConnection', dialer, limits, receiver);
    this.#server = server;
    this.#setIdentity = (changed) => (own = changed);
  }

  /** Binds a port. @throws Error for an invalid key or certificate, or the system's error, for example EADDRINUSE */
  static async open(
    host: string,
    port: number,
    identity: TlsIdentity,
    receiver: Receiver,
    limits: StreamLimits = DEFAULT_STREAM_LIMITS,
  ): Promise<TlsTransport> {
    const { key, cert } = identity;
    const server = createServer({ key, cert, ...TLS_RULES, handshakeTimeout: HANDSHAKE_TIMEOUT_MS });
    server.on('tlsClientError', (error, { remoteAddress = '' }) => receiver.onRefusal(error.message, remoteAddress));
    await listen(server, host, port);
    return new TlsTransport(server, host, identity, receiver, limits);
  }

  /** Uses another key and certificate for connections opened from now on. */
  renew(identity: TlsIdentity): void {
    this.#server.setSecureContext({ key: identity.key, cert: identity.cert, ...TLS_RULES });
    this.#setIdentity(identity);
  }
}
