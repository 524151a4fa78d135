import { connect, type Socket } from 'node:net';

const HEAD_END = '\r\n\r\n';

/** One persistent HTTP connection, cheap enough not to distort the measurement of the server. One request at a time. */
export class Connection {
  readonly #socket: Socket;
  #received = '';
  #onResponse: ((status: number) => void) | undefined;

  /** @param onIdle called after each response, and not once the connection is closed */
  constructor(
    port: number,
    private readonly onIdle: (connection: Connection) => void,
  ) {
    this.#socket = connect({ port, host: '127.0.0.1', noDelay: true });
    this.#socket.setEncoding('latin1');
    this.#socket.on('data', (text: string) => this.#receive(text));
    this.#socket.on('error', () => undefined);
    this.#socket.once('close', () => this.#settle(0));
  }

  get isOpen(): boolean {
    return !this.#socket.destroyed && this.#socket.writable;
  }

  /** @param onResponse gets the status, or 0 when the connection closed without a response */
  send(request: string, onResponse: (status: number) => void): void {
    this.#onResponse = onResponse;
    this.#socket.write(request, 'latin1');
  }

  close(): void {
    this.#socket.destroy();
  }

  #receive(text: string): void {
    this.#received += text;
    const headEnd = this.#received.indexOf(HEAD_END);
    if (headEnd === -1) return;
    const head = this.#received.slice(0, headEnd);
    const bodyLength = Number(/\r\ncontent-length: *(\d+)/i.exec(head)?.[1] ?? 0);
    if (this.#received.length < headEnd + HEAD_END.length + bodyLength) return;
    this.#received = '';
    if (/\r\nconnection: *close/i.test(head)) this.#socket.destroy();
    this.#settle(Number(head.slice('HTTP/1.1 '.length, 'HTTP/1.1 200'.length)));
    if (this.isOpen) this.onIdle(this);
  }

  #settle(status: number): void {
    const onResponse = this.#onResponse;
    this.#onResponse = undefined;
    onResponse?.(status);
  }
}

/** Connections to one port, opened as needed. */
export class ConnectionPool {
  readonly #idle: Connection[] = [];

  constructor(private readonly port: number) {}

  send(request: string, onResponse: (status: number) => void): void {
    let connection = this.#idle.pop();
    while (connection && !connection.isOpen) connection = this.#idle.pop();
    connection ??= new Connection(this.port, (idle) => this.#idle.push(idle));
    connection.send(request, onResponse);
  }

  close(): void {
    for (const connection of this.#idle.splice(0)) connection.close();
  }
}
