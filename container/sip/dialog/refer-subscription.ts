import type { RequestMessage } from '../message/parser/received-message.js';
import type { Origin } from '../transport/transport.js';
import { RequestServer, type RequestServerHost } from './request-server.js';

/** Also matches a NOTIFY without an Event, which belongs to the only subscription. */
const REFER_EVENT = /^\s*(?:refer\s*(?:;|$)|$)/i;

/** Takes the NOTIFYs of a subscription. Kept apart from the dialogs, because a subscription may outlive its own. */
export interface NotifyTaker {
  /** Whether more NOTIFYs may come after the owner has released the call. */
  readonly isOpen?: boolean;
  /** Whether a request is a NOTIFY of this subscription. */
  matches(request: RequestMessage): boolean;
  receive(host: RequestServerHost, request: RequestMessage, source: Origin): void;
  /** The core has ended: stops all timers. */
  dispose?(): void;
}

/** The subscription made by our REFER (RFC 3515). It outlives the BYE of its dialog (RFC 5057 section 4.1). */
export class ReferSubscription implements NotifyTaker {
  #lastCseq = -1;
  #isOpen = true;

  constructor(
    private readonly localTag: string,
    private readonly remoteTag: string,
    private readonly owner: { onRequest(notify: RequestServer): void },
  ) {}

  get isOpen(): boolean {
    return this.#isOpen;
  }

  /** There is no subscription: the REFER was refused. */
  end(): void {
    this.#isOpen = false;
  }

  matches(request: RequestMessage): boolean {
    if (request.method !== 'NOTIFY') return false;
    if (request.toTag !== this.localTag || request.fromTag !== this.remoteTag) return false;
    return REFER_EVENT.test(request.getHeader('event') ?? '');
  }

  receive(host: RequestServerHost, request: RequestMessage, source: Origin): void {
    const notify = new RequestServer(host, request, source);
    if (request.cseq <= this.#lastCseq) {
      notify.reply({ statusCode: 500 }); // out of order: RFC 3261 section 12.2.2
      return;
    }
    this.#lastCseq = request.cseq;
    if (/^\s*terminated\b/i.test(request.getHeader('subscription-state') ?? '')) this.end();
    this.owner.onRequest(notify);
  }
}
