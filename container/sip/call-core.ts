import {
  type IncomingRequestMessage,
  type IncomingResponseMessage,
  type OutgoingRequestMessage,
  type OutgoingResponse,
  ReInviteUserAgentServer,
  type ResponseOptions,
  TransactionState,
  UserAgentCore,
} from 'sip.js/lib/core/index.js';
import type { AddressOptions, CallAddress } from './call-address.js';
import { ClientRequests } from './client-requests.js';
import { HeldConnections } from './held-connections.js';
import { newBranchSalt } from './identifiers.js';
import { Journey } from './journey.js';
import { LazyMap } from './lazy-map.js';
import type { Locator } from './locator.js';
import { NO_TAG, OutgoingRequest, type Wire } from './outgoing-request.js';
import type { RequestSender } from './pending-request.js';
import type { NotifyTaker } from './refer-subscription.js';
import { PrintedRequest, readRequest } from './request-text.js';
import { Retransmission } from './retransmission.js';
import { statelessTag } from './stateless.js';
import { transactionTimeoutMs } from './timers.js';
import type { Delivery, Protocol, Source } from './transport.js';
import { Ways } from './ways.js';

/** What a call needs of the sockets it runs over. */
export interface CallTransport extends RequestSender {
  readonly locator: Locator;
  addressOf(options: AddressOptions): CallAddress;
  /** Sends a response back to where its request came from. */
  sendResponse(response: string, source: Source, delivery?: Delivery): void;
  /** The call's core has ended: no message is passed to it any more. */
  forget(core: CallCore): void;
}

export interface CallCoreOptions extends AddressOptions {
  readonly callId: string;
  /** Our tag in all dialogs of the call. */
  readonly localTag: string;
  /** The INVITE that began an incoming call; undefined: we began. */
  readonly invite?: IncomingRequestMessage;
  readonly displayName: string;
}

/** What sip.js takes for a transport. Its messages have no destination: each outlet knows where to send the responses. */
class Outlet {
  constructor(
    readonly protocol: Protocol,
    private readonly core: CallCore,
    /** Undefined: there are requests only. */
    private readonly source?: Source,
  ) {}

  send(text: string): Promise<void> {
    const { core, source } = this;
    return source && text.startsWith('SIP/2.0 ') ? core.sendResponse(text, source) : core.sendRequest(text);
  }
}

/** Requests of the other side that one call remembers at a time; each takes memory for 64*T1. */
const MAX_SERVER_TRANSACTIONS = 1000;
/** Its owners take what comes before sip.js would ask. */
const NO_DELEGATE = Object.freeze({});

/**
 * sip.js's transactions and dialogs of one call, with what they lack over UDP: retransmissions, branches that are unique, and a
 * life that ends. It goes on for 64*T1 after its owner has released it.
 */
export class CallCore extends UserAgentCore implements Wire {
  readonly callId: string;
  readonly localTag: string;
  readonly contact: string;
  readonly #displayName: string;
  readonly #invite: IncomingRequestMessage | undefined;
  readonly branchSalt = newBranchSalt();
  readonly #transport: CallTransport;
  readonly #ways: Ways;
  readonly #requests: ClientRequests;
  readonly #connections = new HeldConnections();
  /** Where what sip.js makes now sends its messages. */
  #outlet: Outlet;
  #subscription: NotifyTaker | undefined;
  /** What sip.js has printed and not sent yet. */
  #printed: OutgoingRequest | undefined;
  /** Responses that are sent until their ACK comes. */
  #refusals: Map<string, Retransmission> | undefined;
  #linger: NodeJS.Timeout | undefined;

  constructor(options: CallCoreOptions, transport: CallTransport) {
    const { contact, configuration } = transport.addressOf(options);
    super(configuration, NO_DELEGATE);
    this.userAgentClients = new LazyMap();
    this.userAgentServers = new LazyMap();
    this.dialogs = new LazyMap();
    this.subscribers = new LazyMap();
    this.callId = options.callId;
    this.localTag = options.localTag;
    this.contact = contact;
    this.#displayName = options.displayName;
    this.#invite = options.invite;
    this.#transport = transport;
    this.#outlet = new Outlet(options.protocol, this);
    this.#ways = new Ways(transport.locator);
    this.#requests = new ClientRequests(transport, this.#ways, this.#connections);
  }

  /** The other side has begun it. */
  get isIncoming(): boolean {
    return this.#invite !== undefined;
  }

  override get transport(): Outlet {
    return this.#outlet;
  }

  /** Settles as the sending of the last request did. */
  get sent(): Promise<void> {
    return this.#requests.sent;
  }

  /** Messages that are sent again until they are answered. */
  get retransmissions(): number {
    return (
      this.#requests.retransmissions + [...(this.#refusals?.values() ?? [])].filter(({ isRunning }) => isRunning).length
    );
  }

  /** Host and port as the Via names them. */
  get viaHost(): string {
    return this.configuration.viaHost;
  }

  onPrint(request: OutgoingRequest): void {
    this.#printed = request;
  }

  newJourney(): Journey {
    return new Journey(this.#transport.locator);
  }

  /** The next attempts at a request go where its journey leads. */
  follow(request: OutgoingRequestMessage, journey: Journey): void {
    if (request instanceof OutgoingRequest) request.journey = journey;
  }

  /** The request is not sent again any more, though it may still be answered. */
  stopSending({ branch, method }: OutgoingRequestMessage): void {
    this.#requests.stopSending(`${branch}${this.branchSalt}`, method);
  }

  /**
   * Whether a request with the call's Call-ID belongs to it: several calls may share one, when this process calls itself or an
   * INVITE that was refused is tried again.
   */
  owns({ toTag, fromTag, cseq }: IncomingRequestMessage): boolean {
    if (toTag) return toTag === this.localTag;
    return fromTag === this.#invite?.fromTag && cseq === this.#invite.cseq;
  }

  /** Whether a response is to a request of this call. */
  hasSent({ viaBranch }: IncomingResponseMessage): boolean {
    return viaBranch?.endsWith(this.branchSalt);
  }

  override makeOutgoingRequestMessage(
    ...[method, requestUri, from, to, options, extraHeaders = [], body]: Parameters<
      UserAgentCore['makeOutgoingRequestMessage']
    >
  ): OutgoingRequestMessage {
    return new OutgoingRequest(this, {
      method,
      requestUri,
      from,
      fromDisplayName: this.#displayName,
      fromTag: options.fromTag ?? this.localTag,
      to,
      toTag: options.toTag,
      callId: this.callId,
      cseq: options.cseq ?? 1,
      routeSet: options.routeSet ?? [],
      extraHeaders,
      body,
    });
  }

  /** NOTIFYs of a subscription go to `taker`, whether their dialog still lives or not. */
  expectNotify(taker: NotifyTaker): void {
    this.#subscription = taker;
  }

  /** Takes a request of the call. */
  receive(request: IncomingRequestMessage, source: Source): void {
    // sip.js does not know the scheme; the Request-URI is our own Contact.
    if (request.ruri?.scheme === 'sips') request.ruri.scheme = 'sip';
    this.answering(source, () => this.receiveIncomingRequestFromTransport(request));
  }

  /** The server transactions that are made meanwhile answer to this source. */
  answering<T>(source: Source, make: () => T): T {
    const outlet = this.#outlet;
    this.#connections.hold(source.connection);
    this.#outlet = new Outlet(outlet.protocol, this, source);
    try {
      return make();
    } finally {
      this.#outlet = outlet;
    }
  }

  override receiveIncomingRequestFromTransport(request: IncomingRequestMessage): void {
    if (request.method === 'ACK') return this.#receiveAck(request);
    const isNew = request.method !== 'CANCEL' && !this.userAgentServers.has(request.viaBranch);
    if (isNew && this.userAgentServers.size >= MAX_SERVER_TRANSACTIONS) {
      this.replyStateless(request, { statusCode: 503 });
    } else if (isNew && this.#subscription?.matches(request)) {
      this.#subscription.receive(this, request);
    } else {
      super.receiveIncomingRequestFromTransport(request);
      if (request.method === 'CANCEL') this.#cancelReinvite(request);
    }
  }

  override receiveIncomingResponseFromTransport(response: IncomingResponseMessage): void {
    if (response.getHeaders('Via').length > 1) return; // not for us: RFC 3261 section 8.1.3.3
    const { viaBranch, method } = response;
    const status = response.statusCode ?? 0;
    const isFinal = status >= 200;
    if (isFinal && status < 300 && method === 'INVITE') response.toTag ||= NO_TAG;
    this.#requests.receive(viaBranch, method, isFinal);
    if (status !== 503) this.#ways.answered(viaBranch);
    response.viaBranch = viaBranch.slice(0, -this.branchSalt.length);
    super.receiveIncomingResponseFromTransport(response);
  }

  /** With a To tag that stays the same; a CANCEL gets that of its INVITE (RFC 3261 sections 8.2.7 and 9.2). */
  override replyStateless(request: IncomingRequestMessage, options: ResponseOptions): OutgoingResponse {
    const isOfInvite = request.method === 'CANCEL' && this.userAgentServers.has(request.viaBranch);
    return super.replyStateless(request, { ...options, toTag: isOfInvite ? this.localTag : statelessTag(request) });
  }

  /** Sends a request that sip.js made. Rejects when it cannot be answered. */
  sendRequest(text: string): Promise<void> {
    const printed = this.#printed;
    this.#printed = undefined;
    return this.#requests.send(printed ? new PrintedRequest(text, printed) : readRequest(text));
  }

  /** Sends a response that sip.js made, and a refusal of an INVITE again until its ACK comes. */
  sendResponse(text: string, source: Source): Promise<void> {
    const response = text.replace('\r\nSupported: \r\n', '\r\n');
    const refused = source.transport === 'UDP' ? this.#refusedInvite(response) : undefined;
    if (refused !== undefined && !this.#refusals?.has(refused)) this.#refuse(refused, response, source);
    return new Promise((resolve, reject) => {
      this.#transport.sendResponse(response, source, {
        onSent: () => resolve(),
        onUnsent: (error) => {
          if (refused !== undefined) this.#stopRefusing(refused);
          reject(error);
        },
      });
    });
  }

  /** The owner is done: late retransmissions are answered for 64*T1, then everything of the call is gone. */
  release(): void {
    this.#linger ??= setTimeout(() => this.dispose(), transactionTimeoutMs());
  }

  override dispose(): void {
    clearTimeout(this.#linger);
    super.dispose();
    this.#requests.clear();
    for (const id of this.#refusals?.keys() ?? []) this.#stopRefusing(id);
    this.#connections.releaseAll();
    this.#subscription?.dispose?.();
    this.#subscription = undefined;
    this.#transport.forget(this);
  }

  #receiveAck(request: IncomingRequestMessage): void {
    const server = this.userAgentServers.get(request.viaBranch);
    this.#stopRefusing(request.viaBranch);
    // Some telephones give the ACK of a 2xx the branch of the INVITE. It is for the dialog, not for the transaction (RFC 6026).
    if (server?.transaction.state === TransactionState.Accepted) request.viaBranch += ' of 2xx';
    // sip.js answers an ACK that it cannot place. Nobody may (RFC 3261 section 17).
    const isForDialog = request.ruri?.scheme === 'sip' && request.toTag;
    if (server || isForDialog) super.receiveIncomingRequestFromTransport(request);
  }

  /** sip.js tells of the CANCEL of an INVITE that begins a call only. */
  #cancelReinvite(cancel: IncomingRequestMessage): void {
    const server = this.userAgentServers.get(cancel.viaBranch);
    const isWaiting = server?.transaction.state === TransactionState.Proceeding;
    if (server instanceof ReInviteUserAgentServer && isWaiting) server.receiveCancel(cancel);
  }

  /** Timer G of RFC 3261 section 17.2.1. */
  #refuse(id: string, response: string, source: Source): void {
    const again = (): void => this.#transport.sendResponse(response, source);
    (this.#refusals ??= new Map()).set(id, new Retransmission(again, 'upToT2'));
  }

  #stopRefusing(id: string): void {
    this.#refusals?.get(id)?.stop();
    this.#refusals?.delete(id);
  }

  /** The transaction of the INVITE that a response refuses. */
  #refusedInvite(response: string): string | undefined {
    if (/^SIP\/2\.0 [12]/.test(response)) return undefined;
    const via = /\r\nVia: ([^\r]+)/.exec(response)?.[1];
    for (const [id, { transaction }] of this.userAgentServers) {
      const isRefused = transaction.kind === 'ist' && transaction.state === TransactionState.Completed;
      if (isRefused && transaction.request.getHeader('Via') === via) return id;
    }
    return undefined;
  }
}
