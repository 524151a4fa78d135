import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { isIPv6 } from 'node:net';

/** Sizes of packets: at least a fixed RTP header (RFC 3550 section 5.1), at most what passes without fragmentation. */
const MIN_PACKET_BYTES = 12;
const MAX_PACKET_BYTES = 1500;

/** A UDP port that sends each RTP packet back to its source. Only the first sender is served. */
export class EchoMedia {
  packets = 0;
  private sender: string | undefined;

  private constructor(private readonly socket: Socket) {
    socket.on('message', (packet, { address, port }) => {
      this.sender ??= `${address} ${port}`;
      if (this.sender === `${address} ${port}` && isRtp(packet)) this.echo(packet, address, port);
    });
    socket.on('error', () => undefined); // one packet is lost
  }

  /** Binds a free port of this address. @throws the system's error */
  static async open(host: string): Promise<EchoMedia> {
    const socket = createSocket(isIPv6(host) ? 'udp6' : 'udp4');
    socket.bind(0, host);
    await once(socket, 'listening');
    return new EchoMedia(socket);
  }

  get port(): number {
    return this.socket.address().port;
  }

  close(): void {
    this.socket.close();
  }

  private echo(packet: Buffer, address: string, port: number): void {
    this.packets += 1;
    this.socket.send(packet, port, address);
  }
}

function isRtp(packet: Buffer): boolean {
  const version = (packet[0] ?? 0) >> 6;
  return version === 2 && packet.length >= MIN_PACKET_BYTES && packet.length <= MAX_PACKET_BYTES;
}
