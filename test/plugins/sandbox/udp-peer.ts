import type { Socket } from 'node:dgram';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';

/** A UDP socket whose datagrams are awaited one by one, as text. */
export class UdpPeer {
  private readonly arrived: string[] = [];
  private waiting: ((text: string) => void) | undefined;

  readonly port: number;

  private constructor(private readonly socket: Socket) {
    this.port = socket.address().port;
    socket.on('message', (datagram) => {
      const text = datagram.toString('latin1');
      if (this.waiting) this.waiting(text);
      else this.arrived.push(text);
      this.waiting = undefined;
    });
  }

  static async open(): Promise<UdpPeer> {
    const socket = createSocket('udp4');
    socket.bind(0, '127.0.0.1');
    await once(socket, 'listening');
    return new UdpPeer(socket);
  }

  send(text: string | Buffer, port: number): void {
    this.socket.send(typeof text === 'string' ? Buffer.from(text, 'latin1') : text, port, '127.0.0.1');
  }

  async next(): Promise<string> {
    return this.arrived.shift() ?? new Promise((resolve) => (this.waiting = resolve));
  }

  async close(): Promise<void> {
    this.socket.close();
    await once(this.socket, 'close');
  }
}

/** All values of a header field in a message's text. */
export function fields(text: string, name: string): string[] {
  const lines = text.split('\r\n\r\n', 1)[0]!.split('\r\n');
  const prefix = `${name.toLowerCase()}:`;
  return lines.filter((line) => line.toLowerCase().startsWith(prefix)).map((line) => line.slice(prefix.length).trim());
}

export function startLine(text: string): string {
  return text.split('\r\n', 1)[0]!;
}
