import { isIPv6 } from 'node:net';
import type { Account, Addressing, Log, Sip, TraceLog, UserAgentOptions } from '../../sdk/index.js';
import type { DigestIdentity } from './dialog/digest.js';
import type { DigestSecret } from './dialog/digest-value.js';
import { Realms } from './dialog/realms.js';
import { type EndpointCounts, SipEndpoint } from './user-agent/endpoint.js';
import { Locator } from './location/locator.js';
import { routeHop } from './location/next-hop.js';
import { AllowedHops } from './location/allowed-hops.js';
import { ServerAddresses } from './location/server-addresses.js';
import { setTimers, transactionTimeoutMs } from './transaction/timers.js';
import type { MessageWatch } from './transport/message-watch.js';
import type { SendGate } from './transport/send-gate.js';
import type { TlsIdentity } from './transport/tls-transport.js';
import type { Protocol } from './transport/transport.js';
import type { TlsOptions } from './transport/transports.js';
import { EndpointUserAgent } from './user-agent/user-agent.js';

export interface StackOptions {
  /** Address that the sockets are bound to. */
  readonly host: string;
  /** Address in Via and Contact, if different. */
  readonly advertisedHost?: string | undefined;
  /** Port over UDP and TCP; 0 takes a free one. */
  readonly port: number;
  /** SIP over TLS; undefined without TLS. */
  readonly tls?: TlsOptions | undefined;
  readonly t1Ms: number;
  readonly domain: string;
  /** SIP URI of the domain's proxy; without it the domain is located by RFC 3263. */
  readonly proxy: string | undefined;
  /** DNS servers, `address` or `address:port`; by default those of the system. */
  readonly resolvers?: readonly string[];
  readonly log: Log;
  /** Log of the messages that no plugin follows; by default none. */
  readonly traceLog?: TraceLog;
  /** Whether new calls are refused at present; then OPTIONS gets 503, too. By default never. */
  readonly isFull?: () => boolean;
  /** While the gate is closed, nothing is sent. By default it is always open. */
  readonly gate?: SendGate;
  /** Whether requests in a dialog go to the proxy only, whatever the other side's Contact and Record-Route say. By default not. */
  readonly onlyThroughProxy?: boolean;
  /** Realms of the domain's proxies, by default the domain: only their challenges are answered. */
  readonly realms?: readonly string[];
  readonly secretOf: (account: Account) => DigestSecret | undefined;
  /** Sees the messages of all endpoints. */
  readonly watch?: MessageWatch | undefined;
}

/** The container's SIP stack: the endpoint that all plugins share, and those that plugins open for themselves. */
export class SipStack {
  readonly #locator: Locator;
  readonly #endpoints = new Set<SipEndpoint>();
  readonly #realms: Realms;
  /** SIP URI of the domain's proxy. */
  readonly #proxy: string;
  readonly #proxies: ServerAddresses;
  readonly #allowedHops: AllowedHops;
  #shared: SipEndpoint | undefined;

  private constructor(private readonly options: StackOptions) {
    this.#realms = new Realms(options.realms ?? [options.domain], options.log);
    const transports: Protocol[] = options.tls ? ['UDP', 'TCP', 'TLS'] : ['UDP', 'TCP'];
    this.#locator = new Locator({
      transports,
      family: isIPv6(options.host) ? 6 : 4,
      resolvers: options.resolvers ?? [],
    });
    this.#proxy = options.proxy ?? `sip:${options.domain};lr`;
    this.#proxies = this.#serversOf(this.#proxy);
    this.#allowedHops = new AllowedHops({
      onlyThroughProxy: options.onlyThroughProxy ?? false,
      isOwnPort: (place) => [...this.#endpoints].some((endpoint) => endpoint.isAt(place)),
    });
  }

  /** Opens the shared endpoint. @throws the system's error, for example EADDRINUSE */
  static async open(options: StackOptions): Promise<SipStack> {
    setTimers(options.t1Ms);
    const stack = new SipStack(options);
    stack.#shared = await stack.#open(options.port, options.log, options.tls);
    return stack;
  }

  get port(): number {
    return this.#sharedEndpoint.port;
  }

  /** 0 without TLS. */
  get tlsPort(): number {
    return this.options.tls ? this.#sharedEndpoint.portOf('TLS') : 0;
  }

  /** Connections over TLS that are opened from now on use another certificate. */
  renew(identity: TlsIdentity): void {
    this.#sharedEndpoint.renew(identity);
  }

  get counts(): EndpointCounts {
    const total: EndpointCounts = { userAgentCores: 0, dialogs: 0, transactions: 0, retransmissions: 0 };
    for (const { counts } of this.#endpoints) {
      total.userAgentCores += counts.userAgentCores;
      total.dialogs += counts.dialogs;
      total.transactions += counts.transactions;
      total.retransmissions += counts.retransmissions;
    }
    return total;
  }

  /** The stack as one plugin sees it. `close` ends what the plugin has opened, and accepts no more calls for it. */
  forPlugin(user: string, log: Log): Sip & { close(): Promise<void> } {
    const { domain } = this.options;
    const opened = new Set<EndpointUserAgent>();
    const shared = this.#userAgent(this.#sharedEndpoint, user, this.#proxy, log);
    return {
      domain,
      transactionTimeoutMs: transactionTimeoutMs(),
      host: shared.host,
      port: shared.port,
      invite: (invitation, listener) => shared.invite(invitation, listener),
      restore: (snapshot, restoration, listener) => shared.restore(snapshot, restoration, listener),
      onInvite: (handler) => shared.onInvite(handler),
      request: (request) => shared.request(request),
      onMessage: (handler) => shared.onMessage(handler),
      subscribe: (request, listener) => shared.subscribe(request, listener),
      open: async (options: UserAgentOptions) => {
        const endpoint = await this.#open(options.port, log);
        const agent = this.#userAgent(endpoint, options.user, options.proxy, log, () => {
          opened.delete(agent);
          return this.#close(endpoint);
        });
        opened.add(agent);
        return agent;
      },
      close: async () => {
        await Promise.all([shared, ...opened].map((agent) => agent.close()));
      },
    };
  }

  async close(): Promise<void> {
    this.#locator.close();
    await Promise.all([...this.#endpoints].map((endpoint) => this.#close(endpoint)));
  }

  get #sharedEndpoint(): SipEndpoint {
    if (!this.#shared) throw new Error('The SIP stack is not open');
    return this.#shared;
  }

  #serversOf(proxy: string): ServerAddresses {
    return new ServerAddresses(this.#locator, routeHop(looseRoute(proxy)));
  }

  #userAgent(
    endpoint: SipEndpoint,
    user: string,
    proxy: string,
    log: Log,
    onClosed?: () => Promise<void>,
  ): EndpointUserAgent {
    return new EndpointUserAgent(endpoint, {
      onClosed,
      user,
      routeSet: [looseRoute(proxy)],
      proxy: proxy === this.#proxy ? this.#proxies : this.#serversOf(proxy),
      log,
      identityOf: (credentials) => this.#identityOf(credentials),
    });
  }

  #identityOf(credentials: Addressing['credentials']): DigestIdentity | undefined {
    if (!credentials) return undefined;
    const secret = 'password' in credentials ? credentials : this.options.secretOf(credentials);
    return secret && { secret, realms: this.#realms };
  }

  async #open(port: number, log: Log, tls?: TlsOptions): Promise<SipEndpoint> {
    const { host, advertisedHost, isFull, traceLog, watch, gate } = this.options;
    const shared = { locator: this.#locator, allowedHops: this.#allowedHops, proxies: this.#proxies };
    const endpoint = await SipEndpoint.open({
      ...shared,
      host,
      advertisedHost,
      port,
      tls,
      log,
      isFull,
      traceLog,
      watch,
      gate,
    });
    this.#endpoints.add(endpoint);
    return endpoint;
  }

  async #close(endpoint: SipEndpoint): Promise<void> {
    if (this.#endpoints.delete(endpoint)) await endpoint.close();
  }
}

/** A Route of the proxy; without `lr` it would name a strict router (RFC 3261 section 16.12). */
function looseRoute(proxy: string): string {
  return /;lr(?:[;=]|$)/i.test(proxy) ? `<${proxy}>` : `<${proxy};lr>`;
}
