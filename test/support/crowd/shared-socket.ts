import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';

const BUFFER_BYTES = 4 * 1024 * 1024;

/** A socket with a large receive buffer, for times when this process is busy. */
export async function openSocket(): Promise<Socket> {
  const socket = createSocket({ type: 'udp4', recvBufferSize: BUFFER_BYTES }).bind(0, '127.0.0.1');
  await once(socket, 'listening');
  return socket;
}

/** The UDP port that many telephones share. Unanswered messages are retransmitted; retransmissions and pauses end when the socket closes. */
export abstract class SharedSocket {
  readonly #unanswered = new Map<string, string>();
  readonly #pauses = new Set<NodeJS.Timeout>();
  readonly #repeater: NodeJS.Timeout;

  /** @param repeatMs interval of retransmissions */
  constructor(
    protected readonly socket: Socket,
    repeatMs: number,
  ) {
    this.#repeater = setInterval(() => {
      for (const text of this.#unanswered.values()) this.send(text);
    }, repeatMs);
  }

  abstract send(text: string): void;

  get port(): number {
    return this.socket.address().port;
  }

  /** Whether everything sent has been answered. */
  get isQuiet(): boolean {
    return this.#unanswered.size === 0;
  }

  sendUntilAnswered(key: string, text: string): void {
    this.#unanswered.set(key, text);
    this.send(text);
  }

  /** @returns false if the message was answered before */
  answered(key: string): boolean {
    return this.#unanswered.delete(key);
  }

  after(delayMs: number, act: () => void): void {
    const pause = setTimeout(() => {
      this.#pauses.delete(pause);
      act();
    }, delayMs);
    this.#pauses.add(pause);
  }

  async close(): Promise<void> {
    clearInterval(this.#repeater);
    for (const pause of this.#pauses) clearTimeout(pause);
    this.socket.close();
    await once(this.socket, 'close');
  }
}
