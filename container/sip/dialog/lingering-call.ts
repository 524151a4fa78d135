import type { RequestMessage, ResponseMessage } from '../message/parser/received-message.js';
import type { CallCore } from './call-core.js';
import type { CallCoreOptions } from './call-options.js';
import { DigestClient } from './digest.js';
import { MAX_FORKS } from './forks.js';
import { endLateFork } from './late-fork.js';
import type { LingeringState } from './lingering-state.js';
import { acknowledges, type SentAck } from './sent-acks.js';
import { sendAck } from '../transaction/delivery.js';
import { transactionTimeoutMs } from '../transaction/timers.js';
import { COPY, type Delivery, type Origin, type Target } from '../transport/transport.js';

/** What a lingering call needs from its endpoint. */
export interface LingeringTransport {
  sendRequest(request: string, target: Target, delivery?: Delivery): void;
  sendResponse(response: string, source: Origin, delivery?: Delivery): void;
  onUnsent(request: string, error: Error): void;
  /** Makes a core, here with the Call-ID and tag of the ended call. */
  newCore(options: CallCoreOptions): CallCore;
  /** Its time is over. */
  bury(call: LingeringCall): void;
}

/**
 * An ended call, for the 64*T1 in which copies of its messages may still arrive: each copy gets the answer that the first one got. This
 * takes a tenth of the memory of a call. Any other message is for no call, and answered 481.
 */
export class LingeringCall {
  readonly callId: string;
  #acks: readonly SentAck[];
  readonly #timer: NodeJS.Timeout;

  constructor(
    private readonly state: LingeringState,
    private readonly transport: LingeringTransport,
  ) {
    this.callId = state.options.callId;
    this.#acks = state.acks;
    this.#timer = setTimeout(() => transport.bury(this), transactionTimeoutMs());
  }

  /** Whether the call has answered this request before. */
  owns(request: RequestMessage): boolean {
    return this.#responseTo(request) !== undefined;
  }

  /** Whether the response answers a request of the call. */
  hasSent({ viaBranch }: ResponseMessage): boolean {
    return viaBranch.endsWith(this.state.branchSalt);
  }

  receive(request: RequestMessage, source: Origin): void {
    const response = this.#responseTo(request);
    if (response) this.transport.sendResponse(response, source, COPY);
  }

  /** A final response to an INVITE is repeated until its ACK arrives (RFC 3261 sections 13.3.1.4 and 17.2.1). */
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
    return this.state.responses.find(({ transaction }) => transaction === viaBranch)?.text;
  }

  #acknowledge({ text, destination }: SentAck): void {
    sendAck(text, destination, this.transport, true);
  }

  #endFork(response: ResponseMessage): void {
    const { invite, digest = new DigestClient(undefined), options } = this.state;
    if (!invite || this.#acks.length >= MAX_FORKS) return;
    this.#acks = this.#acks.concat(endLateFork(this.transport.newCore(options), invite, digest, response));
  }
}
