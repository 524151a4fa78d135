import type { Socket } from 'node:net';
import { DEFAULT_FRAMING_LIMITS, type FramingLimits, StreamFraming } from './stream-framing.js';
import type { Connection, Receiver, Source } from './transport.js';

export interface ConnectionLimits extends FramingLimits {
  /** Time without a message after which an unused connection is closed, in milliseconds. */
  readonly idleMs: number;
  /** Interval of keep-alives on a connection that we opened and a call needs, in milliseconds (RFC 5626 section 4.4.1). */
  readonly keepAliveMs: number;
  /** Longest time a peer that answers pings may take to do so, in milliseconds. */
  readonly pongMs: number;
  /** Longest time a peer may take to send a whole message, in milliseconds. */
  readonly messageMs: number;
  /** Longest time a peer may read nothing of what was written, in milliseconds. */
  readonly stallMs: number;
  /** Most data that may wait for the peer to read it, in bytes. From a quarter of that on, nothing is read from the peer. */
  readonly maxQueuedBytes: number;
}

export const DEFAULT_CONNECTION_LIMITS: ConnectionLimits = {
  ...DEFAULT_FRAMING_LIMITS,
  idleMs: 120_000,
  keepAliveMs: 30_000,
  pongMs: 10_000,
  messageMs: 15_000,
  stallMs: 10_000,
  maxQueuedBytes: 2 * 1024 * 1024,
};

const PING = '\r\n\r\n';
const PONG = '\r\n';
/** How long a peer that broke the rules has to read our answer, in milliseconds. */
const LINGER_MS = 1_000;

/**
 * One connection over TCP or TLS, whoever opened it. It closes when the peer closes it, breaks the framing, stops reading or stops
 * answering pings, and when nobody uses it any longer.
 */
export class StreamConnection implements Connection {
  readonly source: Source;
  readonly #framing: StreamFraming;
  readonly #watchers = new Set<(error: Error) => void>();
  readonly #clock: NodeJS.Timeout;
  #holders = 0;
  #lastMessageAt = performance.now();
  #stall: NodeJS.Timeout | undefined;
  #unfinished: NodeJS.Timeout | undefined;
  #pong: NodeJS.Timeout | undefined;
  #answersPings = false;
  #hasFlushed = true;
  #loss: Error | undefined;

  /** @param isOurs whether this side opened it, and so keeps it alive */
  constructor(
    private readonly socket: Socket,
    source: Omit<Source, 'connection'>,
    private readonly isOurs: boolean,
    private readonly limits: ConnectionLimits,
    private readonly receiver: Pick<Receiver, 'onMessage' | 'onFault'>,
  ) {
    this.source = { ...source, connection: this };
    this.#framing = new StreamFraming(limits);
    this.#clock = setInterval(() => this.#tick(), Math.min(limits.keepAliveMs, limits.idleMs));
    socket.setNoDelay(true);
    socket.on('data', (chunk: Buffer) => this.#receive(chunk));
    socket.on('drain', () => this.#resume());
    socket.on('error', (error) => this.#lose(error.message));
    socket.on('end', () => this.#lose('the peer closed it'));
    socket.on('close', () => this.#lose('it was closed'));
  }

  get isOpen(): boolean {
    return this.#loss === undefined;
  }

  send(text: string): Promise<void> {
    if (!this.isOpen) return Promise.reject(new Error(`Connection to ${this.#peer} is closed`));
    if (this.socket.writableLength + text.length > this.limits.maxQueuedBytes)
      return Promise.reject(new Error(`Connection to ${this.#peer} is congested`));
    this.#lastMessageAt = performance.now();
    return new Promise((resolve, reject) => this.#write(text, (error) => (error ? reject(error) : resolve())));
  }

  whenLost(callback: (error: Error) => void): () => void {
    const loss = this.#loss;
    if (loss) queueMicrotask(() => callback(loss));
    else this.#watchers.add(callback);
    return () => void this.#watchers.delete(callback);
  }

  hold(): () => void {
    let isHeld = true;
    this.#holders += 1;
    return () => {
      if (isHeld) this.#holders -= 1;
      isHeld = false;
    };
  }

  /** Closes the connection without waiting for anything. */
  close(reason = 'it is not needed any more'): void {
    this.#lose(reason);
    this.socket.destroy();
  }

  get #peer(): string {
    const { transport, address, port } = this.source;
    return `${address} port ${port} over ${transport}`;
  }

  #receive(chunk: Buffer): void {
    for (const frame of this.#framing.push(chunk)) {
      if (!this.isOpen) return;
      this.#finish();
      if (frame.type === 'message') {
        this.#lastMessageAt = performance.now();
        this.receiver.onMessage(frame.message, this.source);
      } else if (frame.type === 'ping') {
        this.#write(PONG);
      } else if (frame.type === 'pong') {
        this.#answersPings = true;
        clearTimeout(this.#pong);
        this.#pong = undefined;
      } else {
        this.receiver.onFault(frame.fault, this.source);
        this.#lose(frame.fault.reason);
        this.socket.end();
      }
    }
    if (this.isOpen && this.#framing.isInMessage)
      this.#unfinished ??= setTimeout(() => this.close('a message takes too long'), this.limits.messageMs);
  }

  /** The last message has been sent as a whole. */
  #finish(): void {
    clearTimeout(this.#unfinished);
    this.#unfinished = undefined;
  }

  #tick(): void {
    const isNeeded = this.#holders > 0;
    if (isNeeded && this.isOurs) this.#ping();
    if (!isNeeded && performance.now() - this.#lastMessageAt >= this.limits.idleMs) this.close('it was idle');
  }

  #ping(): void {
    this.#framing.expectPong(true);
    this.#write(PING);
    this.#pong ??= setTimeout(() => this.#missPong(), this.limits.pongMs);
  }

  /** A peer that has never answered may not support pings; then only the system can tell that it is gone. */
  #missPong(): void {
    this.#pong = undefined;
    this.#framing.expectPong(false);
    if (this.#answersPings) this.close('the peer does not answer keep-alives');
  }

  #write(text: string, done?: (error?: Error | null) => void): void {
    const isFlowing = this.socket.write(text, (error) => {
      this.#hasFlushed = true;
      if (error) this.#lose(error.message);
      done?.(error);
    });
    if (!isFlowing) this.#holdBack();
  }

  #holdBack(): void {
    this.#stall ??= setInterval(() => this.#checkFlow(), this.limits.stallMs);
    if (this.socket.writableLength > this.limits.maxQueuedBytes / 4) this.socket.pause();
  }

  #checkFlow(): void {
    if (!this.#hasFlushed) this.close('the peer does not read');
    this.#hasFlushed = false;
  }

  #resume(): void {
    clearInterval(this.#stall);
    this.#stall = undefined;
    this.socket.resume();
  }

  /**
   * Data already written still goes out, if the peer reads it soon. Meanwhile, data from the peer is read and discarded: otherwise the
   * system would reset the connection and drop our answer to a broken message.
   */
  #lose(reason: string): void {
    if (this.#loss) return;
    const loss = new Error(`Connection to ${this.#peer} is lost: ${reason}`);
    this.#loss = loss;
    clearInterval(this.#clock);
    clearInterval(this.#stall);
    clearTimeout(this.#pong);
    this.#finish();
    const end = setTimeout(() => this.socket.destroy(), LINGER_MS);
    this.socket.once('close', () => clearTimeout(end));
    for (const watcher of this.#watchers) watcher(loss);
    this.#watchers.clear();
  }
}
