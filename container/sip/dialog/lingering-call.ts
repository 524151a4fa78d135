import type { RequestMessage, ResponseMessage } from '../message/parser/received-message.js';
import type { CallCore } from './call-core.js';
import type { CallCoreOptions } from './call-options.js';
import { DigestClient } from './digest.js';
import { MAX_FORKS } from './forks.js';
import { endLateFork } from './late-fork.js';
import type { CallRemains } from './remains.js';
import { acknowledges, type SentAck } from './sent-acks.js';
import { sendAck } from '../transaction/delivery.js';
import { transactionTimeoutMs } from '../transaction/timers.js';
import { COPY, type Delivery, type Origin, type Target } from '../transport/transport.js';

/** What a lingering call needs of its endpoint. */
export interface LingeringTransport {
  sendRequest(request: string, target: Target, delivery?: Delivery): void;
  sendResponse(response: string, source: Origin, delivery?: Delivery): void;
  onUnsent(request: string, error: Error): void;
  /** Makes a core, here one of the same Call-ID and tag. */
  newCore(options: CallCoreOptions): CallCore;
  /** Its time is over. */
  bury(call: LingeringCall): void;
}

/**
 * A call that is over, for the 64*T1 in which copies of its messages may still arrive: each gets the answer of the first one. It takes
 * a tenth of the memory of the call. What it does not know is for nobody, and answered 481.
 */
export class LingeringCall {
  readonly callId: string;
  #acks: readonly SentAck[];
  readonly #timer: NodeJS.Timeout;

  constructor(
    private readonly remains: CallRemains,
    private readonly transport: LingeringTransport,
  ) {
    this.callId = remains.options.callId;
    this.#acks = remains.acks;
    this.#timer = setTimeout(() => transport.bury(this), transactionTimeoutMs());
  }

  /** Whether it has answered a request before. */
  owns(request: RequestMessage): boolean {
    return this.#responseTo(request) !== undefined;
  }

  /** Whether a response is to a request of the call. */
  hasSent({ viaBranch }: ResponseMessage): boolean {
    return viaBranch.endsWith(this.remains.branchSalt);
  }

  receive(request: RequestMessage, source: Origin): void {
    const response = this.#responseTo(request);
    if (response) this.transport.sendResponse(response, source, COPY);
  }

  /** A final response to an INVITE comes until its ACK arrives (RFC 3261 sections 13.3.1.4 and 17.2.1). */
  receiveResponse(response: ResponseMessage): void {
    const status = response.statusCode ?? 0;
    if (response.method !== 'INVITE' || status < 200 || response.getHeaders('Via').length > 1) return;
    const ack = this.#acks.find((each) => acknowledges(each, response));
    if (ack !== undefined) this.#acknowledge(ack);
    else if (status < 300) this.#endFork(response);
  }

  end(): void {
    clearTimeout(this.#timer);
  }

  #responseTo({ viaBranch }: RequestMessage): string | undefined {
    return this.remains.responses.find(({ transaction }) => transaction === viaBranch)?.text;
  }

  #acknowledge({ text, way }: SentAck): void {
    sendAck(text, way, this.transport, true);
  }

  #endFork(response: ResponseMessage): void {
    const { invite, digest = new DigestClient(undefined), options } = this.remains;
    if (!invite || this.#acks.length >= MAX_FORKS) return;
    this.#acks = this.#acks.concat(endLateFork(this.transport.newCore(options), invite, digest, response));
  }
}
