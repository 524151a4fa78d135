import { type ResponseOptions, printResponse } from '../message/response.js';
import type { RequestMessage } from '../message/parser/received-message.js';
import type { ServerTransaction, ServerUser } from '../transaction/server-transaction.js';
import type { Origin } from '../transport/transport.js';

/** The call that a request belongs to. */
export interface RequestServerHost {
  readonly callId: string;
  readonly localTag: string;
  readonly contact: string;
  /** Opens the server transaction of a request. */
  serve(request: RequestMessage, source: Origin, user: ServerUser): ServerTransaction;
  /** Takes the ACK of a 2xx. */
  receiveAckOf2xx(ack: RequestMessage, source: Origin): void;
}

/** Answers one request (RFC 3261 section 8.2). */
export class RequestServer implements ServerUser {
  readonly #transaction: ServerTransaction;
  #onEnd: (() => void) | undefined;

  constructor(
    protected readonly host: RequestServerHost,
    readonly message: RequestMessage,
    private readonly source: Origin,
  ) {
    this.#transaction = host.serve(message, source, this);
  }

  /** Whether a final response was sent. */
  get isAnswered(): boolean {
    return !this.#transaction.isOpen;
  }

  /**
   * Sends a response, unless a final one was sent before or the transaction does not allow it.
   * @throws TypeError on an invalid status
   */
  reply(options: ResponseOptions): void {
    if (!this.isAnswered) this.send(options.statusCode, this.print(options));
  }

  /** Calls back when the transaction is over. */
  whenOver(callback: () => void): void {
    this.#onEnd = callback;
  }

  onAck(ack: RequestMessage): void {
    this.host.receiveAckOf2xx(ack, this.source);
  }

  onEnd(): void {
    this.#onEnd?.();
  }

  protected print(options: ResponseOptions): string {
    const toTag = this.message.toTag || this.host.localTag;
    return printResponse(this.message, options, options.statusCode === 100 ? undefined : toTag);
  }

  protected send(status: number, response: string): void {
    this.#transaction.send(status, response);
  }
}
