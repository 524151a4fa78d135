import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

/** A TCP connection to an HTTP listener of this host, for requests that no HTTP client would send. */
export class RawClient {
  private text = '';

  private constructor(private readonly socket: Socket) {
    socket.setEncoding('utf8').on('data', (data: string) => (this.text += data));
    // The other side may close by a reset.
    socket.on('error', () => undefined);
  }

  static async connect(port: number): Promise<RawClient> {
    const socket = connect(port, '127.0.0.1');
    await once(socket, 'connect');
    return new RawClient(socket);
  }

  send(text: string): void {
    this.socket.write(text);
  }

  /** Waits until the answer contains a text. */
  async until(text: string): Promise<string> {
    while (!this.text.includes(text)) await once(this.socket, 'data');
    return this.text;
  }

  /** Everything received until the other side closed the connection. */
  async closed(): Promise<string> {
    if (!this.socket.closed) await once(this.socket, 'close');
    return this.text;
  }
}

/** Sends a text on a connection of its own; returns the answer's status, headers and body when the other side has closed it. */
export async function exchange(port: number, text: string): Promise<{ status: number; head: string; body: string }> {
  const client = await RawClient.connect(port);
  client.send(text);
  const [head = '', body = ''] = (await client.closed()).split('\r\n\r\n', 2);
  return { status: Number(/^HTTP\/1\.1 (\d{3}) \S/.exec(head)?.[1]), head, body };
}
