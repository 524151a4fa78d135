import { once } from 'node:events';
import { createServer, connect, type Server, type Socket } from 'node:net';

/** Relays TCP connections to a port on 127.0.0.1. Once cut, the relay drops everything silently. */
export class TcpRelay {
  readonly #sockets = new Set<Socket>();
  #isCut = false;

  private constructor(
    private readonly server: Server,
    private readonly toPort: number,
  ) {
    server.on('connection', (socket) => this.#carry(socket));
  }

  static async open(toPort: number): Promise<TcpRelay> {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    return new TcpRelay(server, toPort);
  }

  get port(): number {
    const address = this.server.address();
    return typeof address === 'object' ? (address?.port ?? 0) : 0;
  }

  cut(): void {
    this.#isCut = true;
    for (const socket of this.#sockets) socket.unpipe().pause();
  }

  /** Relays new connections again. Those that were cut stay dead. */
  mend(): void {
    this.#isCut = false;
    this.#endAll();
  }

  async close(): Promise<void> {
    this.#endAll();
    this.server.close();
    await once(this.server, 'close');
  }

  #carry(socket: Socket): void {
    this.#keep(socket);
    if (this.#isCut) return;
    const onward = connect(this.toPort, '127.0.0.1');
    this.#keep(onward);
    socket.pipe(onward).pipe(socket);
    socket.on('close', () => onward.destroy());
    onward.on('close', () => socket.destroy());
  }

  #keep(socket: Socket): void {
    this.#sockets.add(socket);
    socket.on('error', () => undefined);
    socket.on('close', () => this.#sockets.delete(socket));
  }

  #endAll(): void {
    for (const socket of this.#sockets) socket.destroy();
  }
}
