import type { Socket } from 'node:net';
import { StreamConnection, type ConnectionLimits } from './connection.js';
import type { Protocol, Receiver, Target } from './transport.js';

/** Opens connections of one kind. */
export interface Dialer {
  readonly protocol: Protocol;
  /** Event of a socket that is ready for writing. */
  readonly readyEvent: 'connect' | 'secureConnect';
  /** Whether the address of a peer that connected to us identifies the peer, so that requests to that address may use its connection. */
  readonly trustsAddress: boolean;
  /** Targets of the same key share a connection. */
  keyOf(target: Target): string;
  connect(target: Target): Socket;
}

export interface PoolLimits extends ConnectionLimits {
  /** Longest time a connection may take to open, in milliseconds. */
  readonly connectTimeoutMs: number;
}

interface Opening {
  readonly connection: Promise<StreamConnection>;
  /** Total length of the messages that wait for the connection, in characters. */
  waiting: number;
}

/**
 * The connections of one transport: one to each target, used both ways by all calls (in the spirit of RFC 5923). A connection is opened
 * when first needed, and again when needed after it was lost.
 */
export class Connections {
  /** The connections that requests may use. */
  readonly #open = new Map<string, StreamConnection>();
  readonly #opening = new Map<string, Opening>();
  /** Every socket not yet closed, including those that are opening or lingering. */
  readonly #sockets = new Set<Socket>();
  #isClosed = false;

  constructor(
    private readonly dialer: Dialer,
    private readonly limits: PoolLimits,
    private readonly receiver: Receiver,
  ) {}

  get size(): number {
    return this.#sockets.size;
  }

  /** @throws Error if no connection to the target can be opened, or it does not accept the message */
  async send(text: string, target: Target): Promise<StreamConnection> {
    const key = this.dialer.keyOf(target);
    const open = this.#open.get(key);
    if (open && (await hasSent(open, text))) return open;
    const connection = await this.#wait(key, text.length, target);
    await connection.send(text);
    return connection;
  }

  /** Accepts a socket that a peer has opened. */
  accept(socket: Socket): void {
    const { remoteAddress: address = '', remotePort: port = 0 } = socket;
    this.track(socket);
    const target: Target = { transport: this.dialer.protocol, address, port, host: address };
    this.#adopt(socket, target, false);
  }

  /** Closes a socket together with all others, even before it is a connection. */
  track(socket: Socket): void {
    this.#sockets.add(socket);
    socket.on('error', () => undefined); // users of the socket listen, too; without any listener the process would end
    socket.once('close', () => this.#sockets.delete(socket));
  }

  /** Closes all of them at once. */
  close(): void {
    this.#isClosed = true;
    for (const socket of this.#sockets) socket.destroy();
  }

  async #wait(key: string, length: number, target: Target): Promise<StreamConnection> {
    if (this.#isClosed) throw new Error('The SIP socket is closed');
    const opening = this.#opening.get(key) ?? this.#startOpening(key, target);
    if (opening.waiting + length > this.limits.maxQueuedBytes)
      throw new Error(`Too much waits for the connection to ${nameOf(target)}`);
    opening.waiting += length;
    return opening.connection;
  }

  #startOpening(key: string, target: Target): Opening {
    const opening: Opening = {
      connection: this.#connect(target).finally(() => this.#opening.delete(key)),
      waiting: 0,
    };
    this.#opening.set(key, opening);
    return opening;
  }

  #connect(target: Target): Promise<StreamConnection> {
    return new Promise((resolve, reject) => {
      const { dialer, limits } = this;
      const socket = dialer.connect(target);
      this.track(socket);
      const fail = (reason: string): void => {
        clearTimeout(timer);
        socket.destroy();
        reject(new Error(`No connection to ${nameOf(target)}: ${reason}`));
      };
      const timer = setTimeout(() => fail(`no answer within ${limits.connectTimeoutMs} ms`), limits.connectTimeoutMs);
      const onError = (error: Error): void => fail(error.message);
      const onClose = (): void => fail('it was closed');
      socket.once('error', onError).once('close', onClose);
      socket.once(dialer.readyEvent, () => {
        clearTimeout(timer);
        socket.off('error', onError).off('close', onClose);
        resolve(this.#adopt(socket, target, true));
      });
    });
  }

  #adopt(socket: Socket, target: Target, isOurs: boolean): StreamConnection {
    const connection = new StreamConnection(socket, target, isOurs, this.limits, this.receiver);
    const key = this.dialer.keyOf(target);
    if ((isOurs || this.dialer.trustsAddress) && !this.#open.has(key)) {
      this.#open.set(key, connection);
      connection.whenLost(() => this.#open.delete(key));
    }
    return connection;
  }
}

/** Whether a connection accepted a message; false if the connection turns out to be lost. @throws Error when the peer does not read */
async function hasSent(connection: StreamConnection, text: string): Promise<boolean> {
  try {
    await connection.send(text);
    return true;
  } catch (error) {
    if (connection.isOpen) throw error;
    return false;
  }
}

function nameOf({ transport, address, port, host }: Target): string {
  return `${host === address ? '' : `${host}, `}${address} port ${port} over ${transport}`;
}
