import { RequestMessage, type ResponseMessage } from '../message/parser/received-message.js';
import type { ResponseOptions } from '../message/response.js';
import type { IncomingRequest, Log, TraceLog, WireMessage } from '../../../sdk/index.js';
import { noteOrigin } from './request-origin.js';
import { type AddressOptions, type CallAddress, CallAddresses } from '../dialog/call-address.js';
import { CallCore } from '../dialog/call-core.js';
import type { CallCoreOptions } from '../dialog/call-options.js';
import type { CallTransport, EndedCall } from '../dialog/call-transport.js';
import { LingeringCall, type LingeringTransport } from '../dialog/lingering-call.js';
import type { LingeringState } from '../dialog/lingering-state.js';
import type { Locator } from '../location/locator.js';
import type { Place, AllowedHops } from '../location/allowed-hops.js';
import type { ServerAddresses } from '../location/server-addresses.js';
import { parseMessage, RefusedRequest, SipParseError } from '../message/parser/index.js';
import { ByCallId } from './by-call-id.js';
import { refusalOf, refusalOutsideCalls } from './refusals.js';
import { refusalOfBroken, statelessResponse } from '../transaction/stateless.js';
import { TakenMessages } from './taken-messages.js';
import { type MessageWatch, NO_WATCH } from '../transport/message-watch.js';
import { OPEN, type SendGate } from '../transport/send-gate.js';
import { Taps } from './taps.js';
import type { TlsIdentity } from '../transport/tls-transport.js';
import type { Delivery, Origin, Protocol, Receiver, Source, StreamFault, Target } from '../transport/transport.js';
import { type TlsOptions, Transports } from '../transport/transports.js';
import { UdpProbes } from '../location/udp-probe.js';

/** Handlers of a user part for requests outside dialogs, by method. */
export interface Handlers {
  readonly INVITE?: (invite: RequestMessage, source: Origin) => void;
  readonly MESSAGE?: (message: IncomingRequest) => void;
}

export interface EndpointOptions {
  readonly host: string;
  readonly advertisedHost?: string | undefined;
  /** Port over UDP and TCP; 0 takes a free one. */
  readonly port: number;
  /** Undefined without TLS. */
  readonly tls?: TlsOptions | undefined;
  readonly locator: Locator;
  readonly allowedHops: AllowedHops;
  /** Addresses of the domain's own proxy. */
  readonly proxies: Pick<ServerAddresses, 'has'>;
  readonly log: Log;
  /** Sees all messages. */
  readonly watch?: MessageWatch | undefined;
  /** Log of the messages that no plugin follows; by default none. */
  readonly traceLog?: TraceLog | undefined;
  /** Whether new calls are refused at present. */
  readonly isFull?: (() => boolean) | undefined;
  /** While the gate is closed, nothing is sent. */
  readonly gate?: SendGate | undefined;
}

const PROTOCOLS: readonly Protocol[] = ['UDP', 'TCP', 'TLS'];
const NO_TRACE: TraceLog = { isTraced: false, trace: () => undefined };
const UNREADABLE = 'SIP message refused or dropped: it cannot be read';

/** What is alive on an endpoint: all zero when every call is over. */
export interface EndpointCounts {
  userAgentCores: number;
  dialogs: number;
  transactions: number;
  retransmissions: number;
}

/** Most incoming calls at a time: each needs memory for 64*T1, even a refused one. Plugins limit outgoing calls. */
const MAX_INCOMING_CALLS = 10_000;

/**
 * One SIP address of this process: its sockets, its calls, and the user parts that it serves. Messages find their call by Call-ID and
 * tags; requests outside a dialog go to the user part of their Request-URI.
 */
export class SipEndpoint implements CallTransport, LingeringTransport, Receiver {
  readonly #cores = new ByCallId<CallCore>();
  readonly #lingering = new ByCallId<LingeringCall>();
  /** Number of incoming calls. */
  #incoming = 0;
  readonly #users = new Map<string, Handlers>();
  readonly #messages = new TakenMessages((response, source) => this.#respond(response, source));
  readonly host: string;
  readonly locator: Locator;
  readonly allowedHops: AllowedHops;
  readonly #log: Log;
  readonly #watch: MessageWatch;
  readonly #isFull: () => boolean;
  readonly #gate: SendGate;
  readonly #boundHost: string;
  readonly #proxies: EndpointOptions['proxies'];
  readonly #probes: UdpProbes;
  readonly #addresses: CallAddresses;
  readonly #taps: Taps;
  #open: Transports | undefined;

  private constructor({
    host: boundHost,
    advertisedHost = boundHost,
    locator,
    allowedHops,
    proxies,
    log,
    isFull = () => false,
    traceLog = NO_TRACE,
    watch = NO_WATCH,
    gate = OPEN,
  }: EndpointOptions) {
    this.#proxies = proxies;
    this.#taps = new Taps(traceLog);
    this.host = advertisedHost;
    this.#boundHost = boundHost;
    this.locator = locator;
    this.allowedHops = allowedHops;
    this.#log = log;
    this.#isFull = isFull;
    this.#gate = gate;
    this.#watch = watch;
    this.#probes = new UdpProbes(boundHost);
    this.#addresses = new CallAddresses(advertisedHost);
  }

  /** Binds the sockets. @throws the system's error, for example EADDRINUSE */
  static async open(options: EndpointOptions): Promise<SipEndpoint> {
    const endpoint = new SipEndpoint(options);
    endpoint.#open = await Transports.open(options, endpoint.host, endpoint);
    return endpoint;
  }

  get port(): number {
    return this.portOf('UDP');
  }

  portOf(protocol: Protocol): number {
    return this.#transports.portOf(protocol);
  }

  /** Whether it is one of the endpoint's ports. */
  isAt({ address, port }: Place): boolean {
    return (
      (address === this.#boundHost || address === this.host || isWildcard(this.#boundHost)) &&
      PROTOCOLS.some((protocol) => this.#transports.portOf(protocol) === port)
    );
  }

  addressOf(options: AddressOptions): CallAddress {
    return this.#addresses.get(options, this.portOf(options.protocol));
  }

  get counts(): EndpointCounts {
    const cores = this.#cores.all();
    const sum = (count: (core: CallCore) => number): number => cores.reduce((total, core) => total + count(core), 0);
    return {
      userAgentCores: cores.length + this.#lingering.all().length,
      dialogs: sum((core) => core.dialogCount),
      transactions: sum((core) => core.transactionCount) + this.#messages.size,
      retransmissions: sum((core) => core.retransmissions),
    };
  }

  /** Serves `sip:user@…`: without a handler, INVITEs get 480 and MESSAGEs 405. */
  serve(user: string): void {
    if (!this.#users.has(user)) this.#users.set(user, {});
  }

  /** Requests of a method to `sip:user@…` go to this handler. @throws Error if there is a handler already */
  handle<M extends keyof Handlers>(user: string, method: M, handler: NonNullable<Handlers[M]>): void {
    const handlers = this.#users.get(user);
    if (handlers?.[method]) throw new Error(`Somebody else takes SIP ${method} to "${user}" already`);
    this.#users.set(user, { ...handlers, [method]: handler });
  }

  /** Stops serving `sip:user@…`. Its calls go on. */
  dismiss(user: string): void {
    this.#users.delete(user);
  }

  newCore(options: CallCoreOptions): CallCore {
    const core = new CallCore(options, this);
    this.#cores.add(core);
    if (core.isIncoming) this.#incoming += 1;
    return core;
  }

  /** Shows the messages with this Call-ID to `onMessage`, until the core of the call ends. */
  tap(callId: string, onMessage: (message: WireMessage, text: () => string) => void): void {
    this.#taps.add(callId, onMessage);
  }

  forget(call: EndedCall): void {
    this.#taps.remove(call.callId);
    if (this.#cores.remove(call) && call.isIncoming) this.#incoming -= 1;
  }

  linger(state: LingeringState): () => void {
    const call = new LingeringCall(state, this);
    this.#lingering.add(call);
    return () => this.bury(call);
  }

  bury(call: LingeringCall): void {
    call.end();
    this.#lingering.remove(call);
  }

  sendRequest(request: string, target: Target, delivery?: Delivery): void {
    if (!this.#gate.isOpen) return this.#gate.hold(() => this.sendRequest(request, target, delivery));
    if (!this.#open) return delivery?.onUnsent(closed());
    const isCopy = delivery?.isCopy ?? false;
    this.#taps.sent(request, isCopy);
    this.#watch.onSent(request, target, isCopy);
    this.#open.sendRequest(request, target, delivery);
  }

  async isClosed(target: Target): Promise<boolean> {
    return await this.#probes.isClosed(target);
  }

  onUnsent(request: string, error: Error): void {
    this.#watch.onUnsent();
    const [startLine] = request.split('\r\n', 1);
    this.#log.warn('SIP request not sent', { request: startLine, reason: error.message });
  }

  sendResponse(response: string, source: Origin, delivery?: Delivery): void {
    if (!this.#gate.isOpen) return this.#gate.hold(() => this.sendResponse(response, source, delivery));
    if (!this.#open) return delivery?.onUnsent(closed());
    const isCopy = delivery?.isCopy ?? false;
    this.#taps.sent(response, isCopy);
    this.#watch.onSent(response, source, isCopy);
    this.#open.sendResponse(response, source, delivery);
  }

  onMessage(text: Buffer, source: Source): void {
    try {
      const message = parseMessage(text);
      const isRequest = message instanceof RequestMessage;
      const { method, callId } = message;
      this.#watch.onReceived({ method, callId, status: isRequest ? undefined : message.statusCode }, text, source);
      this.#taps.received(message, text);
      if (isRequest) this.#receiveRequest(message, source);
      else this.#receiveResponse(message);
    } catch (error) {
      const isMalformed = error instanceof SipParseError;
      this.#watch.onDropped(isMalformed ? 'malformed' : 'failed');
      if (isMalformed) this.#refuseBroken(error, source);
      else this.#log.error('SIP message failed', { error: String(error), from: source.address });
    }
  }

  onFault({ status, reason, head }: StreamFault, source: Source): void {
    this.#watch.onDropped('brokenStream');
    this.#log.warn(UNREADABLE, { reason, from: source.address, transport: source.transport });
    const request = head && requestIn(head);
    if (!request || request.method === 'ACK') return;
    const origin = noteOrigin(request, source);
    this.#respond(refusalOfBroken(request, status, reason), origin);
  }

  isProxy(address: string): boolean {
    return this.#proxies.has(address);
  }

  onRefusal(reason: string, address: string): void {
    this.#watch.onDropped('connectionRefused');
    this.#log.debug('SIP connection refused', { reason, from: address });
  }

  onError(error: Error): void {
    this.#log.error('SIP socket failed', { error: error.message });
  }

  /** Connections over TLS that are opened from now on use another certificate. */
  renew(identity: TlsIdentity): void {
    this.#open?.renew(identity);
  }

  /** Ends every call without sending anything, and closes the sockets. */
  async close(): Promise<void> {
    for (const core of this.#cores.all()) core.dispose();
    for (const call of this.#lingering.all()) this.bury(call);
    this.#messages.clear();
    await this.#open?.close();
    this.#open = undefined;
  }

  get #transports(): Transports {
    if (!this.#open) throw closed();
    return this.#open;
  }

  #receiveResponse(response: ResponseMessage): void {
    const { callId } = response;
    const core = this.#cores.of(callId).find((each) => each.hasSent(response));
    if (core) return core.receiveResponse(response);
    const lingering = this.#lingering.of(callId).find((each) => each.hasSent(response));
    if (lingering) lingering.receiveResponse(response);
    else this.#watch.onDropped('strayResponse');
  }

  #receiveRequest(request: RequestMessage, source: Source): void {
    const origin = noteOrigin(request, source);
    const refusal = refusalOf(request);
    const { callId } = request;
    const call =
      this.#cores.of(callId).find((each) => each.owns(request)) ??
      this.#lingering.of(callId).find((each) => each.owns(request));
    if (refusal) this.#reply(request, refusal, origin);
    else if (call) call.receive(request, origin);
    else if (request.method === 'ACK') this.#watch.onDropped('strayAck');
    else this.#receiveOutsideCalls(request, origin);
  }

  #receiveOutsideCalls(request: RequestMessage, source: Origin): void {
    const handlers = this.#users.get(request.ruri?.user ?? '');
    const reached = {
      isUser: handlers !== undefined,
      takesMessages: handlers?.MESSAGE !== undefined,
      isFull: this.#isFull,
    };
    const refusal = refusalOutsideCalls(request, reached, source.transport === 'TLS');
    if (refusal) this.#reply(request, refusal, source);
    else if (request.method === 'MESSAGE' && handlers?.MESSAGE) this.#messages.take(request, source, handlers.MESSAGE);
    else if (!handlers?.INVITE) this.#reply(request, { statusCode: 480 }, source);
    else if (this.#incoming >= MAX_INCOMING_CALLS)
      this.#reply(request, { statusCode: 503, extraHeaders: ['Retry-After: 32'] }, source);
    else handlers.INVITE(request, source);
  }

  /** Answers a broken request if possible; drops any other broken message. */
  #refuseBroken(error: SipParseError, source: Source): void {
    if (!error.isForeign)
      this.#log.warn(UNREADABLE, { reason: error.reason, from: source.address, transport: source.transport });
    if (!(error instanceof RefusedRequest) || error.partial.method === 'ACK') return;
    const origin = noteOrigin(error.partial, source);
    this.#respond(refusalOfBroken(error.partial, error.status, error.reason), origin);
  }

  #reply(request: RequestMessage, options: ResponseOptions, source: Origin): void {
    this.#respond(statelessResponse(request, options), source);
  }

  #respond(response: string, source: Origin): void {
    this.sendResponse(response, source, {
      onSent: () => undefined,
      onUnsent: (error) => this.#log.debug('SIP response not sent', { reason: error.message }),
    });
  }
}

/** The request of a broken stream, if its header can be read well enough to answer. */
function requestIn(head: Buffer): RequestMessage | undefined {
  try {
    const message = parseMessage(head);
    return message instanceof RequestMessage ? message : undefined;
  } catch (error) {
    return error instanceof RefusedRequest ? error.partial : undefined;
  }
}

function isWildcard(address: string): boolean {
  return address === '0.0.0.0' || address === '::';
}

function closed(): Error {
  return new Error('The SIP socket is closed');
}
