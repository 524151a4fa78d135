import { createSocket, type RemoteInfo, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { isIPv6 } from 'node:net';

/** Room for the burst that arrives while the process is busy; the kernel may grant less. */
const SOCKET_BUFFER_BYTES = 4 * 1024 * 1024;

/** One UDP socket (RFC 3261 section 18). Fragmentation and congestion are the sender's concern, not this file's. */
export class UdpTransport {
  private constructor(private readonly socket: Socket) {}

  /** Binds a socket. @throws the system's error, for example EADDRINUSE */
  static async open(
    host: string,
    port: number,
    onDatagram: (datagram: Buffer, source: RemoteInfo) => void,
    onError: (error: Error) => void,
  ): Promise<UdpTransport> {
    const socket = createSocket({ type: isIPv6(host) ? 'udp6' : 'udp4' });
    socket.on('message', onDatagram);
    socket.bind(port, host);
    try {
      await once(socket, 'listening');
    } catch (error) {
      socket.close();
      throw error;
    }
    socket.on('error', onError);
    growBuffers(socket);
    return new UdpTransport(socket);
  }

  get port(): number {
    return this.socket.address().port;
  }

  send(text: string, host: string, port: number): Promise<void> {
    return new Promise((resolve, reject) => {
      this.socket.send(text, port, host, (error) => (error ? reject(error) : resolve()));
    });
  }

  async close(): Promise<void> {
    const closed = once(this.socket, 'close');
    this.socket.close();
    await closed;
  }
}

/** Systems that allow less than asked for refuse the call instead of giving what they can: halve until it fits. */
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
