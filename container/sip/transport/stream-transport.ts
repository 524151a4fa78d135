import { once } from 'node:events';
import { isIPv6, type Server, type Socket } from 'node:net';
import { type InboundLimits, InboundRoom } from './inbound-room.js';
import { DEFAULT_CONNECTION_LIMITS } from './connection.js';
import { Connections, type Dialer, type PoolLimits } from './connections.js';
import type { Delivery, Protocol, Receiver, Target, Transport } from './transport.js';

export type StreamLimits = PoolLimits & InboundLimits;

export const DEFAULT_STREAM_LIMITS: StreamLimits = {
  ...DEFAULT_CONNECTION_LIMITS,
  connectTimeoutMs: 4_000,
  maxInbound: 1_000,
  maxInboundPerAddress: 100,
  keptForProxy: 100,
};

/** What TCP and TLS have in common: a listening server, and connections in both directions. */
export class StreamTransport implements Transport {
  readonly protocol: Protocol;
  readonly #connections: Connections;

  /** @param readyEvent event of the server with a socket that may be read */
  constructor(
    private readonly server: Server,
    readyEvent: 'connection' | 'secureConnection',
    dialer: Dialer,
    limits: StreamLimits,
    receiver: Receiver,
  ) {
    this.protocol = dialer.protocol;
    this.#connections = new Connections(dialer, limits, receiver);
    const room = new InboundRoom(limits, (address) => receiver.isProxy(address));
    server.on('connection', (socket: Socket) => {
      const { remoteAddress = '' } = socket;
      const leave = room.take(remoteAddress);
      this.#connections.track(socket);
      if (leave) {
        socket.once('close', leave);
      } else {
        socket.destroy();
        receiver.onRefusal('Too many connections', remoteAddress);
      }
    });
    server.on(readyEvent, (socket: Socket) => {
      if (!socket.destroyed) this.#connections.accept(socket);
    });
    server.on('error', (error) => receiver.onError(error));
  }

  get port(): number {
    const address = this.server.address();
    if (address === null || typeof address === 'string') throw new Error('The SIP socket is closed');
    return address.port;
  }

  get connections(): number {
    return this.#connections.size;
  }

  send(text: string, target: Target, delivery?: Delivery): void {
    this.#connections.send(text, target).then(
      (connection) => delivery?.onSent(target, connection),
      (error: Error) => delivery?.onUnsent(error),
    );
  }

  async close(): Promise<void> {
    const closed = once(this.server, 'close');
    this.server.close();
    this.#connections.close();
    await closed;
  }
}

/** Binds the server's port. @throws the system's error, for example EADDRINUSE */
export async function listen(server: Server, host: string, port: number): Promise<void> {
  // Exclusive, even if processes share the HTTP ports.
  server.listen({ port, host, ipv6Only: isIPv6(host), exclusive: true });
  await once(server, 'listening');
}
