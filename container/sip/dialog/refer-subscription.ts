import type { IncomingRequestMessage, UserAgentCore } from 'sip.js/lib/core/index.js';
import { NotifyServer } from '../transaction/notify-server.js';

/** A NOTIFY that does not say of what belongs to the only subscription that there is. */
const REFER_EVENT = /^\s*(?:refer\s*(?:;|$)|$)/i;

/** Takes the NOTIFYs of a subscription. They are kept apart from sip.js's dialogs. */
export interface NotifyTaker {
  /** More may come although the call's owner is done. */
  readonly isOpen?: boolean;
  /** Whether a request is a NOTIFY of this subscription. */
  matches(request: IncomingRequestMessage): boolean;
  receive(core: UserAgentCore, request: IncomingRequestMessage): void;
  /** Its core is gone: ends its timers. */
  dispose?(): void;
}

/** The subscription that a REFER of ours made (RFC 3515). It outlives the BYE of its dialog (RFC 5057 section 4.1). */
export class ReferSubscription implements NotifyTaker {
  #lastCseq = -1;
  #isOpen = true;

  constructor(
    private readonly localTag: string,
    private readonly remoteTag: string,
    private readonly onNotify: (notify: NotifyServer) => void,
  ) {}

  get isOpen(): boolean {
    return this.#isOpen;
  }

  /** There is no subscription: the REFER was refused. */
  end(): void {
    this.#isOpen = false;
  }

  matches(request: IncomingRequestMessage): boolean {
    if (request.method !== 'NOTIFY') return false;
    if (request.toTag !== this.localTag || request.fromTag !== this.remoteTag) return false;
    return REFER_EVENT.test(request.getHeader('event') ?? '');
  }

  receive(core: UserAgentCore, request: IncomingRequestMessage): void {
    const notify = new NotifyServer(core, request);
    if (request.cseq <= this.#lastCseq) {
      notify.reject({ statusCode: 500 }); // out of order: RFC 3261 section 12.2.2
      return;
    }
    this.#lastCseq = request.cseq;
    if (/^\s*terminated\b/i.test(request.getHeader('subscription-state') ?? '')) this.end();
    this.onNotify(notify);
  }
}
