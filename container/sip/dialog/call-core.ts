import {
  type Body,
  type IncomingRequestMessage,
  type IncomingResponseMessage,
  type OutgoingRequestMessage,
  type OutgoingResponse,
  ReInviteUserAgentServer,
  type ResponseOptions,
  TransactionState,
  type URI,
  UserAgentCore,
} from 'sip.js/lib/core/index.js';
import type { CallCoreOptions } from './call-options.js';
import type { CallTransport } from './call-transport.js';
import { ClientRequests } from '../transaction/client-requests.js';
import type { DigestClient } from './digest.js';
import { HeldConnections } from '../transport/held-connections.js';
import { newBranchSalt } from '../message/identifiers.js';
import { Journey } from '../location/journey.js';
import { LazyMap } from '../message/lazy-map.js';
import { OutgoingRequest, type Wire } from '../message/outgoing-request.js';
import { type OnFailure, Outlet, type Sender, tellOfFailure } from '../transaction/outlet.js';
import { flat } from '../message/parser/flat.js';
import { methodsOf } from '../message/parser/methods-of.js';
import { NO_TAG, Party } from '../message/party.js';
import type { EarlyDialogs } from './early-dialogs.js';
import type { NotifyTaker } from './refer-subscription.js';
import { remainsOf } from './remains.js';
import { PrintedRequest, readRequest } from '../location/request-text.js';
import { refusedBy, RefusedInvites } from '../transaction/refused-invites.js';
import { statelessTag } from '../transaction/stateless.js';
import { transactionTimeoutMs } from '../transaction/timers.js';
import type { Origin } from '../transport/transport.js';
import { Ways } from '../location/ways.js';

type RequestMessageOptions = Parameters<UserAgentCore['makeOutgoingRequestMessage']>[4];

/** Requests of the other side that one call remembers at a time; each takes memory for 64*T1. */
const MAX_SERVER_TRANSACTIONS = 1000;
/** Its owners take what comes before sip.js would ask. */
const NO_DELEGATE = Object.freeze({});
const NO_ACKS: readonly string[] = [];

/**
 * sip.js's transactions and dialogs of one call, with what they lack over UDP: retransmissions, branches that are unique, and a
 * life that ends. It goes on for 64*T1 after its owner has released it.
 */
export class CallCore extends methodsOf(UserAgentCore) implements Wire, Sender {
  readonly callId: string;
  readonly localTag: string;
  readonly contact: string;
  readonly #options: CallCoreOptions;
  readonly branchSalt = newBranchSalt();
  readonly #transport: CallTransport;
  readonly #ways: Ways;
  readonly #requests: ClientRequests;
  readonly #connections = new HeldConnections();
  /** Where what sip.js makes now sends its messages. */
  #outlet: Outlet;
  #subscription: NotifyTaker | undefined;
  /** Those of an INVITE of ours that is not answered yet. */
  #early: EarlyDialogs | undefined;
  /** What sip.js has printed and not sent yet. */
  #printed: OutgoingRequest | undefined;
  /** The journey of the request that is about to be sent. */
  #followed: { readonly request: OutgoingRequestMessage; readonly journey: Journey } | undefined;
  readonly #refusals = new RefusedInvites();
  /** Those of the last request: nearly always the next one has the same. */
  #from: Party | undefined;
  #to: Party | undefined;
  /** The ACKs that were sent. */
  #acks: readonly string[] = NO_ACKS;
  #digest: DigestClient | undefined;
  #linger: NodeJS.Timeout | undefined;
  #isReleased = false;
  #isOver = false;
  /** Ends what is left of it. */
  #bury: () => void = ignore;

  constructor(options: CallCoreOptions, transport: CallTransport) {
    const { contact, configuration } = transport.addressOf(options);
    super();
    this.configuration = configuration;
    this.delegate = NO_DELEGATE;
    this['logger'] = configuration.loggerFactory.getLogger('sip.user-agent-core');
    this.userAgentClients = new LazyMap();
    this.userAgentServers = new LazyMap();
    this.dialogs = new LazyMap();
    this.subscribers = new LazyMap();
    this.callId = options.callId;
    this.localTag = options.localTag;
    this.contact = contact;
    this.#options = options;
    this.#transport = transport;
    this.#outlet = new Outlet(options.protocol, this);
    this.#ways = new Ways(transport.locator);
    this.#requests = new ClientRequests(transport, this.#ways, this.#connections);
  }

  /** The other side has begun it. */
  get isIncoming(): boolean {
    return this.#options.invite !== undefined;
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
    return this.#requests.retransmissions + this.#refusals.running;
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

  /** The next attempt at a request, which follows at once, goes where its journey leads. */
  follow(request: OutgoingRequestMessage, journey: Journey): void {
    this.#followed = { request, journey };
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
    const { invite } = this.#options;
    return fromTag === invite?.fromTag && cseq === invite.cseq;
  }

  /** Whether a response is to a request of this call. */
  hasSent({ viaBranch }: IncomingResponseMessage): boolean {
    return viaBranch?.endsWith(this.branchSalt);
  }

  override makeOutgoingRequestMessage(
    method: string,
    requestUri: URI,
    from: URI,
    to: URI,
    options: RequestMessageOptions,
    extraHeaders: string[] = [],
    body?: Body,
  ): OutgoingRequestMessage {
    return new OutgoingRequest(this, {
      method,
      requestUri,
      from: this.#fromOf(from),
      to: this.#toOf(to, options.toTag),
      callId: this.callId,
      cseq: options.cseq ?? 1,
      routeSet: options.routeSet ?? [],
      extraHeaders,
      body,
    });
  }

  #fromOf(uri: URI): Party {
    if (!this.#from?.is(uri, this.localTag)) this.#from = new Party(uri, this.#options.displayName, this.localTag);
    return this.#from;
  }

  #toOf(uri: URI, tag: string | undefined): Party {
    if (!this.#to?.is(uri, tag)) this.#to = new Party(uri, '', tag);
    return this.#to;
  }

  /** NOTIFYs of a subscription go to `taker`, whether their dialog still lives or not. */
  expectNotify(taker: NotifyTaker): void {
    this.#subscription = taker;
  }

  /** Requests in early dialogs are answered by `early`; undefined: there are none any more. */
  expectEarly(early: EarlyDialogs | undefined): void {
    this.#early = early;
  }

  /** Takes a request of the call. */
  receive(request: IncomingRequestMessage, source: Origin): void {
    // sip.js does not know the scheme; the Request-URI is our own Contact.
    if (request.ruri?.scheme === 'sips') request.ruri.scheme = 'sip';
    this.answering(source, () => this.receiveIncomingRequestFromTransport(request));
    this.#shrinkLater();
  }

  /** The server transactions that are made meanwhile answer to this source. */
  answering<T>(source: Origin, make: () => T): T {
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
    } else if (isNew && request.toTag === this.localTag && this.#early?.owns(request)) {
      this.replyStateless(request, this.#early.answer(request));
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
    const id = viaBranch.slice(0, -this.branchSalt.length) + method;
    this.userAgentClients.get(id)?.transaction.receiveResponse(response);
    this.#shrinkLater();
  }

  /** With a To tag that stays the same; a CANCEL gets that of its INVITE (RFC 3261 sections 8.2.7 and 9.2). */
  override replyStateless(request: IncomingRequestMessage, options: ResponseOptions): OutgoingResponse {
    const isOfInvite = request.method === 'CANCEL' && this.userAgentServers.has(request.viaBranch);
    return super.replyStateless(request, { ...options, toTag: isOfInvite ? this.localTag : statelessTag(request) });
  }

  /** Sends a request that sip.js made. */
  sendRequest(text: string, onFailure: OnFailure): void {
    const printed = this.#printed;
    const followed = this.#followed;
    this.#printed = undefined;
    this.#followed = undefined;
    const journey = followed?.request === printed ? followed?.journey : undefined;
    const request = printed ? new PrintedRequest(text, printed, journey) : readRequest(text);
    if (request.method === 'ACK') this.#keepAck(printed ? text : flat(text));
    this.#requests.send(request, onFailure);
  }

  /** Sends a response that sip.js made, and a refusal of an INVITE again until its ACK comes. */
  sendResponse(response: string, source: Origin, onFailure: OnFailure): void {
    const refused = source.transport === 'UDP' ? refusedBy(response, this.userAgentServers) : undefined;
    if (refused !== undefined) this.#refusals.start(refused, () => this.#transport.sendResponse(response, source));
    this.#transport.sendResponse(response, source, {
      onSent: ignore,
      onUnsent: (error) => {
        if (refused !== undefined) this.#refusals.stop(refused);
        void tellOfFailure(onFailure, error);
      },
    });
  }

  /**
   * The owner is done: late copies are answered for 64*T1, then everything of the call is gone. Before that, as soon as nothing is
   * under way any more, it shrinks to what they need.
   *
   * @param digest with the credentials for telephones that answer the INVITE after all
   */
  release(digest?: DigestClient): void {
    if (this.#isReleased || this.#isOver) return;
    this.#isReleased = true;
    this.#digest = digest;
    this.#shrinkLater();
  }

  override dispose(): void {
    this.#end();
    this.#bury();
  }

  #end(): void {
    this.#isOver = true;
    clearTimeout(this.#linger);
    this.#linger = undefined;
    super.dispose();
    this.#requests.clear();
    this.#refusals.stopAll();
    this.#connections.releaseAll();
    this.#subscription?.dispose?.();
    this.#subscription = undefined;
    this.#transport.forget(this);
  }

  /** Not in the midst of a message. */
  #shrinkLater(): void {
    if (this.#isReleased) queueMicrotask(() => this.#shrink());
  }

  #shrink(): void {
    const isBusy = this.dialogs.size > 0 || this.#requests.size > 0 || this.#subscription?.isOpen;
    if (this.#isOver) return;
    // The copies of what began an incoming call may come on other ways (RFC 3261 section 8.2.2.2).
    const remains = isBusy || this.#options.invite ? undefined : remainsOf(this);
    if (!remains) {
      this.#linger ??= setTimeout(() => this.dispose(), transactionTimeoutMs());
      return;
    }
    this.#bury = this.#transport.linger({
      responses: remains.responses,
      invite: remains.invite,
      options: this.#options,
      branchSalt: this.branchSalt,
      acks: this.#acks,
      ways: this.#ways,
      digest: this.#digest,
    });
    this.#end();
  }

  #keepAck(ack: string): void {
    if (this.#acks.length === 0) this.#acks = [ack];
    else if (!this.#acks.includes(ack)) this.#acks = this.#acks.concat(ack);
  }

  #receiveAck(request: IncomingRequestMessage): void {
    const server = this.userAgentServers.get(request.viaBranch);
    this.#refusals.stop(request.viaBranch);
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
}

function ignore(): void {
  // nothing depends on it
}
