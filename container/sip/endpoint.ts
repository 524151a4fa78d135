import type { RemoteInfo } from 'node:dgram';
import { IncomingRequestMessage, type IncomingResponseMessage, type ResponseOptions } from 'sip.js/lib/core/index.js';
import type { Log } from '../../sdk/index.js';
import { prepareArrival } from './arrival.js';
import type { CallCore, CallTransport } from './call-core.js';
import type { Locator } from './locator.js';
import { type Hop, requestHop, responseHop } from './next-hop.js';
import { parseMessage, SipParseError } from './parser/index.js';
import { refusalOf, refusalOutsideCalls } from './refusals.js';
import { statelessResponse } from './stateless.js';
import { UdpTransport } from './udp-transport.js';

/** Takes the INVITEs to one user part. */
export type InviteHandler = (invite: IncomingRequestMessage) => void;

/** What is alive on an endpoint: all zero when every call is over. */
export interface EndpointCounts {
  userAgentCores: number;
  dialogs: number;
  transactions: number;
  retransmissions: number;
}

/** With so many calls no more are taken: each needs some 20 KB for 64*T1, even one that is refused. */
const MAX_CALLS = 10_000;

/**
 * One SIP address of this process: a socket, the calls that run over it, and the user parts that answer at it. Messages find
 * their call by Call-ID and tags; requests outside a dialog go to the user part of their Request-URI.
 */
export class SipEndpoint implements CallTransport {
  readonly #cores = new Map<string, CallCore[]>();
  readonly #users = new Map<string, InviteHandler | undefined>();
  #transport: UdpTransport | undefined;

  private constructor(
    readonly host: string,
    private readonly locator: Locator,
    private readonly log: Log,
  ) {}

  /** Binds the socket. @throws the system's error, for example EADDRINUSE */
  static async open(host: string, port: number, locator: Locator, log: Log): Promise<SipEndpoint> {
    const endpoint = new SipEndpoint(host, locator, log);
    endpoint.#transport = await UdpTransport.open(
      host,
      port,
      (datagram, source) => endpoint.#receive(datagram, source),
      (error) => log.error('SIP socket failed', { error: error.message }),
    );
    return endpoint;
  }

  get port(): number {
    return this.#socket.port;
  }

  get counts(): EndpointCounts {
    const cores = [...this.#cores.values()].flat();
    const sum = (count: (core: CallCore) => number): number => cores.reduce((total, core) => total + count(core), 0);
    return {
      userAgentCores: cores.length,
      dialogs: sum((core) => core.dialogs.size),
      transactions: sum((core) => core.userAgentClients.size + core.userAgentServers.size),
      retransmissions: sum((core) => core.retransmissions.size),
    };
  }

  /** `sip:user@…` is an address of this endpoint; its INVITEs are answered 480 as long as nobody handles them. */
  serve(user: string): void {
    if (!this.#users.has(user)) this.#users.set(user, undefined);
  }

  /** INVITEs to `sip:user@…` go to this handler. @throws Error when the user part is taken */
  handle(user: string, handler: InviteHandler): void {
    if (this.#users.get(user)) throw new Error(`Somebody else answers SIP calls to "${user}" already`);
    this.#users.set(user, handler);
  }

  /** `sip:user@…` is no address of this endpoint any more. Its calls go on. */
  dismiss(user: string): void {
    this.#users.delete(user);
  }

  add(core: CallCore): void {
    const { callId } = core;
    this.#cores.set(callId, [...(this.#cores.get(callId) ?? []), core]);
  }

  forget(core: CallCore): void {
    const others = this.#cores.get(core.callId)?.filter((other) => other !== core) ?? [];
    if (others.length > 0) this.#cores.set(core.callId, others);
    else this.#cores.delete(core.callId);
  }

  async send(message: string): Promise<void> {
    const hop = message.startsWith('SIP/2.0 ') ? responseHop(message) : requestHop(message);
    await this.#sendTo(hop, message);
  }

  /** Ends every call without a word and closes the socket. */
  async close(): Promise<void> {
    for (const core of [...this.#cores.values()].flat()) core.dispose();
    await this.#transport?.close();
    this.#transport = undefined;
  }

  get #socket(): UdpTransport {
    if (!this.#transport) throw new Error('The SIP socket is closed');
    return this.#transport;
  }

  async #sendTo(hop: Hop, message: string): Promise<void> {
    const located = this.locator.locate(hop);
    const [target] = located instanceof Promise ? await located : located;
    if (target) await this.#socket.send(message, target.address, target.port);
  }

  #receive(datagram: Buffer, source: RemoteInfo): void {
    try {
      const message = parseMessage(datagram);
      if (message instanceof IncomingRequestMessage) this.#receiveRequest(message, source);
      else this.#receiveResponse(message);
    } catch (error) {
      if (error instanceof SipParseError) this.#refuseBroken(error, source);
      else this.log.error('SIP message failed', { error: String(error), from: source.address });
    }
  }

  #receiveResponse(response: IncomingResponseMessage): void {
    const core = this.#cores.get(response.callId)?.find((each) => each.hasSent(response));
    core?.receiveIncomingResponseFromTransport(response);
  }

  #receiveRequest(request: IncomingRequestMessage, source: RemoteInfo): void {
    prepareArrival(request, source);
    const refusal = refusalOf(request);
    const core = this.#cores.get(request.callId)?.find((each) => each.owns(request));
    if (refusal) this.#reply(request, refusal);
    else if (core) core.receiveIncomingRequestFromTransport(request);
    else if (request.method !== 'ACK') this.#receiveOutsideCalls(request);
  }

  #receiveOutsideCalls(request: IncomingRequestMessage): void {
    const user = request.ruri?.user ?? '';
    const refusal = refusalOutsideCalls(request, this.#users.has(user));
    const handler = this.#users.get(user);
    if (refusal) this.#reply(request, refusal);
    else if (!handler) this.#reply(request, { statusCode: 480 });
    else if (this.#cores.size >= MAX_CALLS)
      this.#reply(request, { statusCode: 503, extraHeaders: ['Retry-After: 32'] });
    else handler(request);
  }

  /** Answers a request that can still be answered, and drops everything else. */
  #refuseBroken(error: SipParseError, source: RemoteInfo): void {
    this.log.debug('Broken SIP message', { reason: error.reason, from: source.address });
    if (!error.partial || !error.status || error.partial.method === 'ACK') return;
    prepareArrival(error.partial, source);
    this.#reply(error.partial, { statusCode: error.status, reasonPhrase: error.reason });
  }

  #reply(request: IncomingRequestMessage, options: ResponseOptions): void {
    this.send(statelessResponse(request, options)).catch((error: unknown) =>
      this.log.debug('SIP response not sent', { error: String(error) }),
    );
  }
}
