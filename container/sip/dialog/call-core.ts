import { type MessageBody, type ResponseOptions, printResponse } from '../message/response.js';
import type { RequestMessage, ResponseMessage } from '../message/parser/received-message.js';
import type { Uri } from '../message/uri.js';
import type { CallCoreOptions } from './call-options.js';
import { CallRouting } from './call-routing.js';
import type { CallTransport } from './call-transport.js';
import type { Dialog, DialogHost, RequestTarget } from './dialog.js';
import type { DigestClient } from './digest.js';
import { HeldConnections } from '../transport/held-connections.js';
import { newBranchSalt } from '../message/identifiers.js';
import type { Failover } from '../location/failover.js';
import { requestHop } from '../location/next-hop.js';
import { Destination } from '../location/destination.js';
import { ALLOWED_IN_DIALOGS } from '../message/methods.js';
import { OutgoingRequest, type Wire } from '../message/outgoing-request.js';
import { TaggedAddress } from '../message/tagged-address.js';
import type { EarlyDialogs } from './early-dialogs.js';
import type { NotifyTaker } from './refer-subscription.js';
import { inDialogRefusal } from './in-dialog-refusal.js';
import { finishedTransactions } from './lingering-state.js';
import { type SentAck, SentAcks } from './sent-acks.js';
import { type ClientHost, ClientTransaction, type ClientUser } from '../transaction/client-transaction.js';
import { sendAck } from '../transaction/delivery.js';
import { isSameClient } from '../transaction/matching.js';
import { type ServerHost, ServerTransaction, type ServerUser } from '../transaction/server-transaction.js';
import { statelessTag } from '../transaction/stateless.js';
import { transactionTimeoutMs } from '../transaction/timers.js';
import type { Connection, Delivery, Origin, Target } from '../transport/transport.js';

/** Most server transactions of one call at a time; each takes memory for 64*T1. */
const MAX_SERVER_TRANSACTIONS = 1000;
const NOTHING: readonly never[] = [];
/** The outcome of a CANCEL does not matter: the INVITE gets a response of its own. */
const NOBODY: ClientUser = { receive: ignore, onTimeout: ignore, onFailure: ignore };

/** One call: its transactions and dialogs, and what their messages have in common. It lives for 64*T1 after its owner has released it. */
export class CallCore implements Wire, DialogHost, ClientHost, ServerHost {
  readonly callId: string;
  readonly localTag: string;
  readonly contact: string;
  /** Host and port in the Via. */
  readonly viaHost: string;
  readonly branchSalt = newBranchSalt();
  readonly routing: CallRouting;
  readonly #transport: CallTransport;
  readonly #connections = new HeldConnections();
  #clients: readonly ClientTransaction[] = NOTHING;
  #servers: Map<string, ServerTransaction> | undefined;
  #dialogs: readonly Dialog[] = NOTHING;
  #branches = 0;
  #subscription: NotifyTaker | undefined;
  /** The early dialogs of our INVITE, until the INVITE is answered. */
  #early: EarlyDialogs | undefined;
  /** From and To of the last request: nearly always the next one has the same. */
  #from: TaggedAddress | undefined;
  #to: TaggedAddress | undefined;
  readonly #acks = new SentAcks();
  #digest: DigestClient | undefined;
  #linger: NodeJS.Timeout | undefined;
  #isReleased = false;
  #isOver = false;
  #owedCancel: () => void = ignore;
  /** Ends the lingering call. */
  #bury: () => void = ignore;

  constructor(
    readonly options: CallCoreOptions,
    transport: CallTransport,
  ) {
    const { contact, viaHost } = transport.addressOf(options);
    this.callId = options.callId;
    this.localTag = options.localTag;
    this.contact = contact;
    this.viaHost = viaHost;
    this.#transport = transport;
    this.routing = new CallRouting(transport.locator, transport.allowedHops, options.proxy);
  }

  /** Whether the other side began the call. */
  get isIncoming(): boolean {
    return this.options.invite !== undefined;
  }

  get isSecure(): boolean {
    return this.options.isSecure;
  }

  get protocol(): string {
    return this.options.protocol;
  }

  get isOver(): boolean {
    return this.#isOver;
  }

  get dialogCount(): number {
    return this.#dialogs.length;
  }

  get transactionCount(): number {
    return this.#clients.length + (this.#servers?.size ?? 0);
  }

  /** Number of messages being retransmitted. */
  get retransmissions(): number {
    return [...this.#clients, ...this.#serverList].filter(({ isRetransmitting }) => isRetransmitting).length;
  }

  /** Sends a request to the current target of its failover. */
  send(request: OutgoingRequest, failover: Failover, user: ClientUser): ClientTransaction {
    const destination = new Destination(failover, () => requestHop(request));
    return this.#open(new ClientTransaction(request, this.#newBranch(), destination, this, user));
  }

  /** Sends the CANCEL of an INVITE that has had a provisional response (RFC 3261 section 9.1). */
  cancel({ request, branch, destination }: ClientTransaction, extraHeaders: string[]): void {
    const { ruri, fromUri, toUri, toTag, cseq, routeSet } = request;
    const target = { toTag, cseq, routeSet };
    const cancel = this.makeOutgoingRequestMessage('CANCEL', ruri, fromUri, toUri, target, extraHeaders);
    this.#open(new ClientTransaction(cancel, branch, destination, this, NOBODY));
  }

  /** A CANCEL waits for the first response to the INVITE. If the core ends before that, the CANCEL is sent anyway. */
  oweCancel(invite: ClientTransaction, extraHeaders: string[]): void {
    this.#owedCancel = () => {
      if (invite.state === 'calling') this.cancel(invite, extraHeaders);
    };
  }

  /** Sends the ACK of a 2xx, and repeats it for each copy of the 2xx. */
  acknowledge(request: OutgoingRequest): SentAck {
    const destination = new Destination(this.routing.inDialog(), () => requestHop(request));
    const text = request.print(this.#newBranch());
    const ack = { cseq: request.cseq, toTag: request.toTag ?? '', text, destination };
    this.#acks.add(ack);
    sendAck(text, destination, this);
    return ack;
  }

  /** A copy of a 2xx came. */
  repeatAck(response: ResponseMessage): void {
    const ack = this.#acks.of(response);
    if (ack) sendAck(ack.text, ack.destination, this, true);
  }

  /**
   * Whether a request with this Call-ID belongs to the call. Several calls share a Call-ID when this process calls itself, or when a
   * refused INVITE is tried again.
   */
  owns({ toTag, fromTag, cseq }: RequestMessage): boolean {
    if (toTag) return toTag === this.localTag;
    const { invite } = this.options;
    return fromTag === invite?.fromTag && cseq === invite.cseq;
  }

  /** Whether the response answers a request of this call. */
  hasSent({ viaBranch }: ResponseMessage): boolean {
    return viaBranch.endsWith(this.branchSalt);
  }

  makeOutgoingRequestMessage(
    method: string,
    requestUri: Uri,
    from: Uri,
    to: Uri,
    { cseq, toTag, routeSet = NOTHING }: RequestTarget,
    extraHeaders: string[] = [],
    body?: MessageBody,
  ): OutgoingRequest {
    return new OutgoingRequest(this, {
      method,
      requestUri,
      from: this.#fromOf(from),
      to: this.#toOf(to, toTag),
      callId: this.callId,
      cseq,
      routeSet,
      extraHeaders,
      body,
    });
  }

  /** NOTIFYs of a subscription go to `taker`, even after the end of their dialog. */
  expectNotify(taker: NotifyTaker): void {
    this.#subscription = taker;
  }

  /** `early` answers requests in early dialogs; undefined if there are none any more. */
  expectEarly(early: EarlyDialogs | undefined): void {
    this.#early = early;
  }

  /** Takes a request that belongs to the call. */
  receive(request: RequestMessage, source: Origin): void {
    this.#connections.hold(source.connection);
    this.routing.note(source);
    if (request.method === 'ACK') this.#receiveAck(request, source);
    else if (request.method === 'CANCEL') this.#receiveCancel(request, source);
    else this.#receiveRequest(request, source);
    this.#shrinkLater();
  }

  receiveResponse(response: ResponseMessage): void {
    if (response.getHeaders('Via').length > 1) return; // misrouted: RFC 3261 section 8.1.3.3
    const { viaBranch: branch, method } = response;
    this.#clients.find((client) => isSameClient(client, { branch, method }))?.receive(response);
    this.#shrinkLater();
  }

  serve(request: RequestMessage, source: Origin, user: ServerUser): ServerTransaction {
    this.#connections.hold(source.connection);
    this.routing.note(source);
    const server = new ServerTransaction(request, source, this, user);
    this.#servers ??= new Map();
    this.#servers.set(server.key, server);
    return server;
  }

  receiveAckOf2xx(ack: RequestMessage, source: Origin): void {
    this.#dialogs.find((dialog) => dialog.owns(ack))?.receiveRequest(ack, source);
  }

  /** Copies get the same To tag; a CANCEL gets the tag of its INVITE (RFC 3261 sections 8.2.7 and 9.2). */
  replyStateless(request: RequestMessage, options: ResponseOptions, source: Origin): void {
    const isOfInvite = request.method === 'CANCEL' && this.#servers?.has(request.viaBranch);
    const toTag = isOfInvite ? this.localTag : statelessTag(request);
    this.sendResponse(printResponse(request, options, toTag), source);
  }

  trying(request: RequestMessage): string {
    return printResponse(request, { statusCode: 100 });
  }

  addDialog(dialog: Dialog): void {
    this.#dialogs = this.#dialogs.concat(dialog);
  }

  removeDialog(dialog: Dialog): void {
    this.#dialogs = this.#dialogs.filter((each) => each !== dialog);
  }

  sendRequest(request: string, target: Target, delivery?: Delivery): void {
    this.#transport.sendRequest(request, target, delivery);
  }

  sendResponse(response: string, source: Origin, delivery?: Delivery): void {
    this.#transport.sendResponse(response, source, delivery);
  }

  async isClosed(target: Target): Promise<boolean> {
    return await this.#transport.isClosed(target);
  }

  onUnsent(request: string, error: Error): void {
    this.#transport.onUnsent(request, error);
  }

  onConnection(connection: Connection | undefined): void {
    this.#connections.hold(connection);
  }

  onAcknowledged(text: string, { cseq, toTag }: ResponseMessage, destination: Destination): void {
    this.#acks.add({ cseq, toTag, text, destination });
  }

  onClientEnd(transaction: ClientTransaction): void {
    const { method, request } = transaction;
    this.#clients = this.#clients.filter((each) => each !== transaction);
    // Copies of the response can no longer arrive.
    if (method === 'INVITE') this.#acks.forget(request.cseq);
    this.#shrinkLater();
  }

  onServerEnd({ key }: ServerTransaction): void {
    this.#servers?.delete(key);
    this.#shrinkLater();
  }

  /**
   * The owner is done with the call. Late copies are answered for 64*T1; then everything of the call is freed. As soon as no transaction
   * is under way, the call shrinks to what those answers need.
   *
   * @param digest credentials for the BYE to telephones that still answer the INVITE
   */
  release(digest?: DigestClient): void {
    if (this.#isReleased || this.#isOver) return;
    this.#isReleased = true;
    this.#digest = digest;
    this.#shrinkLater();
  }

  /** Ends without sending anything: another process has taken the call over. */
  vanish(): void {
    this.#owedCancel = ignore;
    this.dispose();
  }

  dispose(): void {
    if (!this.#isOver) this.#owedCancel();
    this.#end();
    this.#bury();
  }

  get #serverList(): readonly ServerTransaction[] {
    return this.#servers ? [...this.#servers.values()] : NOTHING;
  }

  #open(transaction: ClientTransaction): ClientTransaction {
    this.#clients = this.#clients.concat(transaction);
    return transaction;
  }

  #newBranch(): string {
    this.#branches += 1;
    return `z9hG4bK${this.#branches}${this.branchSalt}`;
  }

  #fromOf(uri: Uri): TaggedAddress {
    if (!this.#from?.is(uri, this.localTag))
      this.#from = new TaggedAddress(uri, this.options.displayName, this.localTag);
    return this.#from;
  }

  #toOf(uri: Uri, tag: string | undefined): TaggedAddress {
    if (!this.#to?.is(uri, tag)) this.#to = new TaggedAddress(uri, '', tag);
    return this.#to;
  }

  /** Some telephones send the ACK of a 2xx with the branch of the INVITE. An ACK is never answered (RFC 3261 section 17). */
  #receiveAck(ack: RequestMessage, source: Origin): void {
    const server = this.#servers?.get(ack.viaBranch);
    if (server) server.receiveAck(ack);
    else this.receiveAckOf2xx(ack, source);
  }

  /** RFC 3261 section 9.2. */
  #receiveCancel(cancel: RequestMessage, source: Origin): void {
    const invite = this.#servers?.get(cancel.viaBranch);
    this.replyStateless(cancel, { statusCode: invite ? 200 : 481 }, source);
    if (invite?.isOpen) invite.user.onCancel?.();
  }

  #receiveRequest(request: RequestMessage, source: Origin): void {
    const server = this.#servers?.get(request.viaBranch);
    if (server) server.receiveCopy();
    else if (this.#servers && this.#servers.size >= MAX_SERVER_TRANSACTIONS)
      this.replyStateless(request, { statusCode: 503 }, source);
    else if (this.#subscription?.matches(request)) this.#subscription.receive(this, request, source);
    else this.#receiveNew(request, source);
  }

  #receiveNew(request: RequestMessage, source: Origin): void {
    const { contactUser } = this.options;
    const refusal = inDialogRefusal(request, { contactUser, isMerged: () => this.#isMerged(request) });
    const dialog = this.#dialogs.find((each) => each.owns(request));
    if (refusal) this.replyStateless(request, refusal, source);
    else if (!dialog) this.replyStateless(request, this.#early?.answer(request) ?? { statusCode: 481 }, source);
    else if (request.method === 'OPTIONS') this.#showAbilities(request, source);
    else dialog.receiveRequest(request, source);
  }

  #isMerged({ fromTag, cseq }: RequestMessage): boolean {
    return this.#serverList.some(({ request }) => request.fromTag === fromTag && request.cseq === cseq);
  }

  /** Answers OPTIONS as outside a dialog (RFC 3261 sections 11.2 and 12.2.2). */
  #showAbilities(request: RequestMessage, source: Origin): void {
    const extraHeaders = [`Allow: ${ALLOWED_IN_DIALOGS}`, 'Accept: application/sdp'];
    this.replyStateless(request, { statusCode: 200, extraHeaders }, source);
  }

  #end(): void {
    this.#isOver = true;
    clearTimeout(this.#linger);
    this.#linger = undefined;
    for (const dialog of this.#dialogs) dialog.dispose();
    for (const client of this.#clients) client.end();
    for (const server of this.#serverList) server.end();
    this.#clients = NOTHING;
    this.#servers = undefined;
    this.#connections.releaseAll();
    this.#subscription?.dispose?.();
    this.#subscription = undefined;
    this.#transport.forget(this);
  }

  /** Later, because a message may be being processed. */
  #shrinkLater(): void {
    if (this.#isReleased) queueMicrotask(() => this.#shrink());
  }

  /** A request that waits for a look-up or a first response has a time limit of its own. */
  #disposeLater(): void {
    this.#linger ??= setTimeout(() => {
      this.#linger = undefined;
      if (this.#clients.some(({ state }) => state === 'calling' || state === 'trying')) this.#disposeLater();
      else this.dispose();
    }, transactionTimeoutMs());
  }

  #shrink(): void {
    if (this.#isOver) return;
    const isBusy = this.#dialogs.length > 0 || this.#subscription?.isOpen;
    // A call that came in is kept whole: copies of its INVITE may arrive by other paths (RFC 3261 section 8.2.2.2).
    const finished = isBusy || this.options.invite ? undefined : finishedTransactions(this.#clients, this.#serverList);
    if (!finished) return this.#disposeLater();
    this.#bury = this.#transport.linger({
      responses: finished.responses,
      invite: finished.invite,
      options: this.options,
      branchSalt: this.branchSalt,
      acks: this.#acks.all,
      digest: this.#digest,
    });
    this.#end();
  }
}

function ignore(): void {
  // nothing to do
}
