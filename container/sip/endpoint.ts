import type { RemoteInfo } from 'node:dgram';
import {
  constructOutgoingResponse,
  IncomingRequestMessage,
  type IncomingResponseMessage,
  type ResponseOptions,
} from 'sip.js/lib/core/index.js';
import { AllowedMethods } from 'sip.js/lib/core/user-agent-core/allowed-methods.js';
import type { Log } from '../../sdk/index.js';
import { CallCore, type CallTransport } from './call-core.js';
import type { Locator } from './locator.js';
import { type Hop, requestHop, responseHop } from './next-hop.js';
import { parseMessage, SipParseError } from './parser/index.js';
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

/**
 * One SIP address of this process: a socket, the calls that run over it, and the user parts that answer at it. Messages find
 * their call by Call-ID; requests outside a dialog go to the user part of their Request-URI.
 */
export class SipEndpoint implements CallTransport {
  readonly #cores = new Map<string, CallCore>();
  readonly #handlers = new Map<string, InviteHandler>();
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
    const cores = [...this.#cores.values()];
    const sum = (count: (core: CallCore) => number): number => cores.reduce((total, core) => total + count(core), 0);
    return {
      userAgentCores: cores.length,
      dialogs: sum((core) => core.dialogs.size),
      transactions: sum((core) => core.userAgentClients.size + core.userAgentServers.size),
      retransmissions: sum((core) => core.retransmissions.size),
    };
  }

  /** INVITEs to `sip:user@…` go to this handler. @throws Error when the user part is taken */
  handle(user: string, handler: InviteHandler): void {
    if (this.#handlers.has(user)) throw new Error(`Somebody else answers SIP calls to "${user}" already`);
    this.#handlers.set(user, handler);
  }

  add(core: CallCore): void {
    this.#cores.set(core.callId, core);
  }

  forget(core: CallCore): void {
    if (this.#cores.get(core.callId) === core) this.#cores.delete(core.callId);
  }

  async send(message: string): Promise<void> {
    const hop = message.startsWith('SIP/2.0 ') ? responseHop(message) : requestHop(message);
    await this.#sendTo(hop, message);
  }

  /** Ends every call without a word and closes the socket. */
  async close(): Promise<void> {
    for (const core of this.#cores.values()) core.dispose();
    await this.#transport?.close();
    this.#transport = undefined;
  }

  get #socket(): UdpTransport {
    if (!this.#transport) throw new Error('The SIP socket is closed');
    return this.#transport;
  }

  async #sendTo(hop: Hop, message: string): Promise<void> {
    const located = this.locator.locate(hop);
    const target = located instanceof Promise ? await located : located;
    await this.#socket.send(message, target.address, target.port);
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
    this.#cores.get(response.callId)?.receiveIncomingResponseFromTransport(response);
  }

  #receiveRequest(request: IncomingRequestMessage, source: RemoteInfo): void {
    noteSource(request, source);
    const core = this.#cores.get(request.callId);
    if (core) core.receiveIncomingRequestFromTransport(request);
    else if (request.method !== 'ACK') this.#receiveOutsideCall(request);
  }

  #receiveOutsideCall(request: IncomingRequestMessage): void {
    const { method, ruri, toTag } = request;
    const handler = this.#handlers.get(ruri?.user ?? '');
    if (!AllowedMethods.includes(method))
      this.#reply(request, { statusCode: 405, extraHeaders: [`Allow: ${AllowedMethods.join(', ')}`] });
    else if (ruri?.scheme !== 'sip') this.#reply(request, { statusCode: 416 });
    else if (toTag || method === 'CANCEL' || method === 'BYE') this.#reply(request, { statusCode: 481 });
    else if (!handler && ruri.user) this.#reply(request, { statusCode: 404 });
    else if (method === 'OPTIONS')
      this.#reply(request, {
        statusCode: 200,
        extraHeaders: ['Allow: INVITE, ACK, BYE, CANCEL, OPTIONS', 'Accept: application/sdp'],
      });
    else if (method !== 'INVITE')
      this.#reply(request, { statusCode: 405, extraHeaders: ['Allow: INVITE, ACK, BYE, CANCEL, OPTIONS'] });
    else if (!handler) this.#reply(request, { statusCode: 404 });
    else if (!request.hasHeader('contact')) this.#reply(request, { statusCode: 400, reasonPhrase: 'Missing Contact' });
    else handler(request);
  }

  /** Answers a request that can still be answered, and drops everything else. */
  #refuseBroken(error: SipParseError, source: RemoteInfo): void {
    this.log.debug('Broken SIP message', { reason: error.reason, from: source.address });
    if (!error.partial || !error.status || error.partial.method === 'ACK') return;
    noteSource(error.partial, source);
    this.#reply(error.partial, { statusCode: error.status, reasonPhrase: error.reason });
  }

  /** Without a transaction: a retransmitted request gets the same answer again (RFC 3261 section 8.2.7). */
  #reply(request: IncomingRequestMessage, options: ResponseOptions): void {
    const { message } = constructOutgoingResponse(request, options);
    this.send(message).catch((error: unknown) => this.log.debug('SIP response not sent', { error: String(error) }));
  }
}

/** Writes into the top Via where the request really came from, for the way back (RFC 3261 18.2.1, RFC 3581). */
function noteSource(request: IncomingRequestMessage, source: RemoteInfo): void {
  const via = request.headers['Via']?.[0];
  if (!via) return;
  const without = via.raw.replace(/;\s*(?:received|rport)(?:\s*=\s*[^;,\s]*)?(?=\s*(?:;|$))/gi, '');
  via.raw = `${without};received=${source.address};rport=${source.port}`;
}
