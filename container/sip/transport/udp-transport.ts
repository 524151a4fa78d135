import { createSocket, type Socket, type SocketOptions } from 'node:dgram';
import { once } from 'node:events';
import { isIPv6 } from 'node:net';
import type { Delivery, Receiver, Target, Transport } from './transport.js';

/** Room for a burst that arrives while the process is busy; the kernel may grant less. */
const SOCKET_BUFFER_BYTES = 4 * 1024 * 1024;

/** One UDP socket (RFC 3261 section 18). Callers see to fragmentation and congestion. */
export class UdpTransport implements Transport {
  readonly protocol = 'UDP';
  readonly connections = 0;

  private constructor(
    private readonly socket: Socket,
    readonly port: number,
  ) {}

  /** Binds a socket. @throws the system's error, for example EADDRINUSE */
  static async open(host: string, port: number, receiver: Receiver): Promise<UdpTransport> {
    const isV6 = isIPv6(host);
    // Targets are addresses, so skip the look-up that Node would do for each datagram, a turn of the loop later.
    const lookup: NonNullable<SocketOptions['lookup']> = (address, _options, callback) =>
      callback(null, address, isV6 ? 6 : 4);
    const socket = createSocket({ type: isV6 ? 'udp6' : 'udp4', ipv6Only: isV6, lookup });
    socket.on('message', (datagram, source) =>
      receiver.onMessage(datagram, { transport: 'UDP', address: source.address, port: source.port }),
    );
    const listening = once(socket, 'listening');
    // Exclusive, even if processes share the HTTP ports.
    socket.bind({ port, address: host, exclusive: true });
    try {
      await listening;
    } catch (error) {
      socket.close();
      throw error;
    }
    socket.on('error', (error) => receiver.onError(error));
    growBuffers(socket);
    return new UdpTransport(socket, socket.address().port);
  }

  send(text: string, target: Target, delivery?: Delivery): void {
    const { address, port } = target;
    const onEnd = delivery && ((error: Error | null) => (error ? delivery.onUnsent(error) : delivery.onSent(target)));
    try {
      this.socket.send(text, port, address, onEnd);
    } catch (error) {
      delivery?.onUnsent(error as Error); // the socket is closed
    }
  }

  async close(): Promise<void> {
    const closed = once(this.socket, 'close');
    this.socket.close();
    await closed;
  }
}

/** Some systems refuse a larger buffer than they allow, instead of granting what they can: halve until it fits. */
function growBuffers(socket: Socket): void {
  for (const set of ['setRecvBufferSize', 'setSendBufferSize'] as const) {
    for (let bytes = SOCKET_BUFFER_BYTES; bytes >= 64 * 1024; bytes /= 2) {
      try {
        socket[set](bytes);
        break;
      } catch {
        continue;
      }
    }
  }
}
