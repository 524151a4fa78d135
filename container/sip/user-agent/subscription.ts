import type { RequestMessage, ResponseMessage } from '../message/parser/received-message.js';
import type {
  Header,
  Notification,
  SipResponse,
  Subscription,
  SubscriptionEnd,
  SubscriptionListener,
  SubscriptionRequest,
} from '../../../sdk/index.js';
import { sendNonInvite } from '../dialog/request-client.js';
import type { CallCore } from '../dialog/call-core.js';
import { sendInDialog } from '../dialog/dialog-request.js';
import type { DigestClient } from '../dialog/digest.js';
import { SipEvent } from '../message/event.js';
import type { Guard } from './listener.js';
import { ShownRequest } from '../message/messages.js';
import type { OutgoingRequest } from '../message/outgoing-request.js';
import { RequestServer } from '../dialog/request-server.js';
import type { Origin } from '../transport/transport.js';
import { outOfDialogRequest } from './out-of-dialog-request.js';
import type { SubscriptionState } from '../message/parser/index.js';
import type { NotifyTaker } from '../dialog/refer-subscription.js';
import { SubscriptionDialog } from '../dialog/subscription-dialog.js';
import { SubscriptionLifetime } from '../dialog/subscription-lifetime.js';
import { namesSipContact } from '../dialog/target.js';
import { firstWaitMs, transactionTimeoutMs } from '../transaction/timers.js';

export interface ClientSubscriptionOptions {
  readonly digest: DigestClient;
  /** Route header values of the first SUBSCRIBE. */
  readonly routeSet: string[];
  readonly run: Guard;
  /** The subscription is over. */
  readonly onOver: () => void;
}

/** Responses to a refresh that end the subscription (RFC 6665 section 4.1.2.2). After others it lasts until it expires. */
const FATAL = new Set([404, 405, 410, 416, 480, 481, 482, 483, 484, 485, 489, 501, 604]);

/** An outgoing subscription (RFC 6665): one SUBSCRIBE at a time, the dialog that the first NOTIFY makes, and the NOTIFYs. */
export class ClientSubscription implements Subscription, NotifyTaker {
  readonly #event: SipEvent;
  readonly #lifetime: SubscriptionLifetime;
  #listener: SubscriptionListener;
  #dialog: SubscriptionDialog | undefined;
  /** The last SUBSCRIBE outside the dialog. */
  #first: OutgoingRequest | undefined;
  /** Its 2xx. */
  #accepted: ResponseMessage | undefined;
  /** Whether a SUBSCRIBE waits for its final response. */
  #isAsking = false;
  /** Whether a NOTIFY came since the last SUBSCRIBE. */
  #isHeard = false;
  #isUnwanted = false;
  #isOver = false;
  /** Timer N (RFC 6665 section 4.1.2.4). */
  #silence: NodeJS.Timeout | undefined;

  /** Sends the SUBSCRIBE. @throws Error on an invalid URI, header field or event, RangeError on invalid `expiresSeconds` */
  constructor(
    private readonly core: CallCore,
    private readonly request: SubscriptionRequest,
    listener: SubscriptionListener,
    private readonly options: ClientSubscriptionOptions,
  ) {
    this.#event = new SipEvent(request.event);
    this.#lifetime = new SubscriptionLifetime(request.expiresSeconds, () => {
      if (!this.#isAsking) this.#subscribe();
    });
    this.#listener = listener;
    core.expectNotify(this);
    this.#subscribe();
  }

  get callId(): string {
    return this.core.callId;
  }

  end(): void {
    if (this.#isUnwanted) return;
    this.#isUnwanted = true;
    if (this.#dialog && !this.#isOver) this.#unsubscribe();
  }

  /** Silences the listener, and unsubscribes as far as that takes no longer than 4*T1. */
  async close(): Promise<void> {
    this.#listener = {};
    if (this.#dialog && !this.#isOver) await this.#unsubscribed(4 * firstWaitMs());
    this.core.dispose();
  }

  dispose(): void {
    this.#isOver = true;
    this.#lifetime.stop();
    clearTimeout(this.#silence);
    this.#dialog?.dispose();
  }

  matches({ method, toTag }: RequestMessage): boolean {
    return method === 'NOTIFY' && toTag === this.core.localTag;
  }

  receive(_host: unknown, notify: RequestMessage, source: Origin): void {
    const value = notify.parseHeader('Subscription-State');
    const isOurs = !this.#isOver && this.#event.isIn(notify);
    // A NOTIFY of any fork but the first (RFC 6665 section 5.4.9) is refused like one of no subscription.
    if (!isOurs || (this.#dialog && this.#dialog.remoteTag !== notify.fromTag)) this.#refuse(notify, source, 481);
    else if (!value) this.#refuse(notify, source, 400, 'Bad Subscription-State');
    else if (!this.#dialog && value.state !== 'terminated' && !namesSipContact(notify))
      this.#refuse(notify, source, 400, 'Bad Contact');
    else this.#take(notify, source, value);
  }

  #take(notify: RequestMessage, source: Origin, value: SubscriptionState): void {
    const isLast = value.state === 'terminated';
    if (!isLast && !this.#dialog) this.#begin(notify);
    if (this.#dialog && !this.#dialog.takes(notify, source)) return;
    new RequestServer(this.core, notify, source).reply({ statusCode: 200 });
    if (!isLast) this.#goOn(value.expires);
    const notification = new ReceivedNotification(notify, value.state);
    this.options.run(() => this.#listener.onNotify?.(notification));
    if (isLast) this.#end(terminationIn(value));
    else if (this.#isUnwanted) this.#unsubscribe();
  }

  #begin(notify: RequestMessage): void {
    if (!this.#first) return;
    this.#dialog = new SubscriptionDialog(this.core, this.#first, notify);
    if (this.#accepted) this.#dialog.takeRoute(this.#accepted);
  }

  #refuse(notify: RequestMessage, source: Origin, statusCode: number, reasonPhrase?: string): void {
    const options = reasonPhrase === undefined ? { statusCode } : { statusCode, reasonPhrase };
    this.core.replyStateless(notify, options, source);
  }

  /** After Expires: 0 only the last NOTIFY counts. */
  #goOn(expiresSeconds: number | undefined): void {
    if (this.#lifetime.wantedSeconds === 0) return;
    this.#isHeard = true;
    clearTimeout(this.#silence);
    if (expiresSeconds !== undefined) this.#lifetime.set(expiresSeconds);
    this.#lifetime.wait();
  }

  #subscribe(): void {
    const { core, options, request } = this;
    const headers: Header[] = [
      ['Event', this.#event.text],
      ['Expires', String(this.#lifetime.wantedSeconds)],
    ];
    headers.push(...(request.headers ?? []));
    this.#isAsking = true;
    this.#isHeard = false;
    if (!this.#dialog) return this.#subscribeFirst(headers);
    sendInDialog(core, this.#dialog, options.digest, 'SUBSCRIBE', { headers }, (response) =>
      this.#receiveResponse(response),
    );
  }

  #subscribeFirst(headers: readonly Header[]): void {
    const { core, options } = this;
    const { digest, routeSet } = options;
    const request = outOfDialogRequest(
      core,
      { ...this.request, headers },
      {
        method: 'SUBSCRIBE',
        cseq: (this.#first?.cseq ?? 0) + 1,
        routeSet,
        lines: [`Contact: ${core.contact}`],
      },
    );
    this.#first = request;
    const onResponse = (response: SipResponse, message?: ResponseMessage): void => {
      if (response.status >= 200 && response.status < 300) this.#accepted = message;
      if (this.#accepted) this.#dialog?.takeRoute(this.#accepted);
      this.#receiveResponse(response);
    };
    sendNonInvite({ core, digest, request, isInDialog: false, nextCseq: () => request.cseq + 1, onResponse });
  }

  #unsubscribe(): void {
    if (this.#isAsking || this.#lifetime.wantedSeconds === 0) return;
    this.#lifetime.end();
    this.#subscribe();
  }

  #receiveResponse(response: SipResponse): void {
    if (!response.final || this.#isOver) return;
    const { status } = response;
    this.#isAsking = false;
    if (status < 300) this.#receiveAccepted(response);
    else if (status === 423 && this.#lifetime.lengthen(response)) this.#subscribe();
    else this.#receiveRefused(response);
  }

  #receiveAccepted(response: SipResponse): void {
    this.#lifetime.accept(response);
    if (!this.#isHeard) this.#awaitNotify();
    if (!this.#dialog || this.#lifetime.wantedSeconds === 0) return;
    if (this.#isUnwanted) this.#unsubscribe();
    else this.#lifetime.wait();
  }

  #awaitNotify(): void {
    clearTimeout(this.#silence);
    this.#silence = setTimeout(() => this.#end({ cause: 'no-notify' }), transactionTimeoutMs());
  }

  #receiveRefused(response: SipResponse): void {
    const { status } = response;
    const isSilent = status === 408 && !this.#isHeard;
    if (!this.#dialog || this.#lifetime.wantedSeconds === 0 || isSilent || FATAL.has(status))
      this.#end({ cause: 'refused', response });
    else if (!this.#lifetime.hasTime) this.#end({ cause: 'expired', response });
    else if (this.#isUnwanted) this.#unsubscribe();
    else this.#lifetime.wait();
  }

  /** Unsubscribes, and waits for the end. */
  #unsubscribed(limitMs: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, limitMs);
      const onEnd = (): void => {
        clearTimeout(timer);
        resolve();
      };
      this.#listener = { onEnd };
      this.end();
    });
  }

  #end(end: SubscriptionEnd): void {
    this.dispose();
    this.core.release();
    this.options.onOver();
    this.options.run(() => this.#listener.onEnd?.(end));
  }
}

class ReceivedNotification extends ShownRequest implements Notification {
  constructor(
    message: RequestMessage,
    readonly state: string,
  ) {
    super(message);
  }
}

function terminationIn({ reason, retry_after: retryAfterSeconds }: SubscriptionState): SubscriptionEnd {
  return {
    cause: 'terminated',
    ...(reason !== undefined && { reason }),
    ...(retryAfterSeconds !== undefined && { retryAfterSeconds }),
  };
}
