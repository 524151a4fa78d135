import type { RequestMessage } from '../message/parser/received-message.js';
import type { IncomingRequest, ReplyOptions } from '../../../sdk/index.js';
import { responseOptions } from './incoming-request.js';
import { ShownRequest } from '../message/messages.js';
import { statelessResponse } from '../transaction/stateless.js';
import { transactionTimeoutMs } from '../transaction/timers.js';
import type { Origin } from '../transport/transport.js';

type Send = (response: string, source: Origin) => void;

/** Most MESSAGEs in 64*T1; each needs about 2 KB. */
const MAX_MESSAGES = 10_000;

/** What is kept of a message for its copies. */
interface TakenRecord {
  readonly branch: string;
  readonly timer: NodeJS.Timeout;
  answer: string | undefined;
}

/**
 * The MESSAGEs outside dialogs, with their server transactions (RFC 3261 section 17.2.2); a call core for each would be a waste. A sender
 * may send copies for 64*T1; then the message is forgotten, answered or not.
 */
export class TakenMessages {
  readonly #records = new Map<string, TakenRecord>();

  constructor(private readonly send: Send) {}

  get size(): number {
    return this.#records.size;
  }

  /** Passes a message to its handler once; a copy gets the same answer. */
  take(request: RequestMessage, source: Origin, handler: (message: IncomingRequest) => void): void {
    const key = `${request.callId} ${request.fromTag} ${request.cseq}`;
    const known = this.#records.get(key);
    if (known) return this.#takeCopy(request, source, known);
    if (this.size >= MAX_MESSAGES)
      return this.send(statelessResponse(request, { statusCode: 503, extraHeaders: ['Retry-After: 32'] }), source);
    const timer = setTimeout(() => this.#records.delete(key), transactionTimeoutMs());
    const record: TakenRecord = { branch: request.viaBranch, timer, answer: undefined };
    this.#records.set(key, record);
    const message = new TakenMessage(request, (answer) => {
      if (this.#records.get(key) !== record) return; // too late
      record.answer = answer;
      this.send(answer, source);
    });
    handler(message);
  }

  clear(): void {
    for (const { timer } of this.#records.values()) clearTimeout(timer);
    this.#records.clear();
  }

  /** A copy with another branch was forked, and came by another path (RFC 3261 section 8.2.2.2). */
  #takeCopy(request: RequestMessage, source: Origin, { branch, answer }: TakenRecord): void {
    if (request.viaBranch !== branch) this.send(statelessResponse(request, { statusCode: 482 }), source);
    else if (answer !== undefined) this.send(answer, source);
  }
}

class TakenMessage extends ShownRequest implements IncomingRequest {
  #isAnswered = false;

  constructor(
    request: RequestMessage,
    private readonly answer: (response: string) => void,
  ) {
    super(request);
  }

  /** The only provisional response is 100, which would say nothing here (RFC 4320 section 4.1). */
  reply(status: number, options: ReplyOptions = {}): void {
    if (!Number.isInteger(status)) throw new TypeError(`Invalid statusCode: ${status}`);
    const response = statelessResponse(this.message, responseOptions(status, options));
    if (status < 200 || this.#isAnswered) return;
    this.#isAnswered = true;
    this.answer(response);
  }
}
