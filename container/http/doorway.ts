import type { Server, Socket } from 'node:net';

/** The first byte of a TLS connection: a handshake record (RFC 8446 section 5.1). */
const TLS_HANDSHAKE = 0x16;

/** Refuses a connection. */
type TurnAway = (socket: Socket) => void;

/** Asks about each new connection of a server, before anything else, whether it is admitted. */
export function admitOnly(server: Server, isAdmitted: (socket: Socket) => boolean, turnAway: TurnAway): void {
  inFrontOf(server, (socket, enter) => {
    if (isAdmitted(socket)) enter();
    else turnAway(socket);
  });
}

/** New connections that have not sent anything yet. */
export class Doorway {
  readonly #waiting = new Set<Socket>();

  /**
   * Looks at the first byte of each connection of a TLS server: a client that speaks plain HTTP gets an error, where TLS would only hang
   * up.
   * @param limitMs how long a client may say nothing
   */
  detectPlainHttp(server: Server, limitMs: number, turnAway: TurnAway): void {
    inFrontOf(server, (socket, enter) => {
      this.whenHeard(socket, limitMs, (chunk) => {
        socket.pause().unshift(chunk);
        if (chunk[0] === TLS_HANDSHAKE) enter();
        else turnAway(socket);
      });
    });
  }

  /** Calls back with the first bytes received; a client that sends nothing in time is cut off. */
  whenHeard(socket: Socket, limitMs: number, onHeard: (chunk: Buffer) => void): void {
    const hangUp = (): void => void socket.destroy();
    const timer = setTimeout(hangUp, limitMs);
    const leave = (): void => {
      clearTimeout(timer);
      this.#waiting.delete(socket);
    };
    this.#waiting.add(socket);
    socket.once('close', leave).on('error', hangUp);
    socket.once('data', (chunk: Buffer) => {
      leave();
      socket.off('close', leave).off('error', hangUp);
      onHeard(chunk);
    });
  }

  /** Cuts off connections that have sent nothing so far. */
  close(): void {
    for (const socket of this.#waiting) socket.destroy();
  }
}

function inFrontOf(server: Server, guard: (socket: Socket, enter: () => void) => void): void {
  const listeners = server.listeners('connection');
  server.removeAllListeners('connection');
  server.on('connection', (socket: Socket) => {
    guard(socket, () => {
      for (const listener of listeners) Reflect.apply(listener, server, [socket]);
    });
  });
}
