import { hostPort } from '../message/host-port.js';
import { openTcp } from './tcp-transport.js';
import { type TlsIdentity, TlsTransport } from './tls-transport.js';
import type { Connection, Delivery, Origin, Protocol, Receiver, Target, Transport } from './transport.js';
import { UdpTransport } from './udp-transport.js';

export interface TlsOptions {
  /** Port; 0 takes a free one. */
  readonly port: number;
  readonly identity: TlsIdentity;
}

/** A larger request goes over TCP, in bytes (RFC 3261 section 18.1.1). */
const MAX_UDP_REQUEST_BYTES = 1300;
/** How long TCP is not tried again with a server that refused it, in milliseconds. */
const WITHOUT_TCP_MS = 300_000;
const MAX_WITHOUT_TCP = 1_000;
/** How many ports are tried until one is free over both UDP and TCP. */
const MAX_PORTS = 20;

/** What to bind the sockets to. */
export interface Binding {
  readonly host: string;
  /** Over UDP and TCP; 0 takes a free one. */
  readonly port: number;
  readonly tls?: TlsOptions | undefined;
}

/** The sockets of one SIP address: UDP and TCP on one port, and TLS if it is switched on (RFC 3261 section 18). */
export class Transports {
  readonly #transports: ReadonlyMap<Protocol, Transport>;
  readonly #withoutTcp = new Map<string, number>();

  private constructor(
    private readonly host: string,
    private readonly port: number,
    private readonly tls: TlsTransport | undefined,
    transports: readonly Transport[],
  ) {
    this.#transports = new Map(transports.map((transport) => [transport.protocol, transport]));
  }

  /**
   * Binds all of them; `advertisedHost` stands in the Via. @throws the system's error, for example EADDRINUSE; then no socket stays open
   */
  static async open({ host, port, tls }: Binding, advertisedHost: string, receiver: Receiver): Promise<Transports> {
    const [udp, tcp] = await openBoth(host, port, receiver);
    if (!tls) return new Transports(advertisedHost, udp.port, undefined, [udp, tcp]);
    try {
      const overTls = await TlsTransport.open(host, tls.port, tls.identity, receiver);
      return new Transports(advertisedHost, udp.port, overTls, [udp, tcp, overTls]);
    } catch (error) {
      await Promise.all([udp.close(), tcp.close()]);
      throw error;
    }
  }

  /** The port that Via and Contact advertise for a transport. */
  portOf(protocol: Protocol): number {
    return this.#transports.get(protocol)?.port ?? this.port;
  }

  /** Connections that are open or opening. */
  get connections(): number {
    let sum = 0;
    for (const { connections } of this.#transports.values()) sum += connections;
    return sum;
  }

  /** Sends a request, with a Via that names the transport used. A large request uses TCP instead of UDP if the server accepts TCP. */
  sendRequest(request: string, target: Target, delivery?: Delivery): void {
    if (target.transport === 'UDP' && this.#isForTcp(request, target)) this.#sendLarge(request, target, delivery);
    else this.#send(request, target, delivery);
  }

  /**
   * Sends a response back to where its request came from (RFC 3261 section 18.2.2, RFC 3581 section 4): on the same connection, or if
   * that is lost, on a new one to the sent-by port, with a certificate for the sent-by host.
   */
  sendResponse(response: string, source: Origin, delivery?: Delivery): void {
    const { connection } = source;
    if (connection?.isOpen) void this.#sendOn(connection, response, source, delivery);
    else this.#sendToSender(response, source, delivery);
  }

  /** Uses another certificate for connections opened from now on. */
  renew(identity: TlsIdentity): void {
    this.tls?.renew(identity);
  }

  async close(): Promise<void> {
    await Promise.all([...this.#transports.values()].map((transport) => transport.close()));
  }

  #send(request: string, target: Target, delivery: Delivery | undefined): void {
    this.#handOver(this.#withVia(request, target.transport), target, delivery);
  }

  #sendLarge(request: string, target: Target, delivery: Delivery | undefined): void {
    const overTcp: Target = { ...target, transport: 'TCP' };
    this.#send(request, overTcp, {
      onSent: (_target, connection) => delivery?.onSent(overTcp, connection),
      onUnsent: () => {
        this.#noteWithoutTcp(target);
        this.#send(request, target, delivery);
      },
    });
  }

  async #sendOn(connection: Connection, response: string, source: Origin, delivery?: Delivery): Promise<void> {
    try {
      await connection.send(response);
    } catch (error) {
      if (connection.isOpen) delivery?.onUnsent(error as Error);
      else this.#sendToSender(response, source, delivery);
      return;
    }
    delivery?.onSent({ ...source, host: source.address }, connection);
  }

  #sendToSender(response: string, origin: Origin, delivery: Delivery | undefined): void {
    const { transport, address, replyPort: port, sentByHost: host } = origin;
    this.#handOver(response, { transport, address, port, host }, delivery);
  }

  #handOver(text: string, target: Target, delivery: Delivery | undefined): void {
    const transport = this.#transports.get(target.transport);
    if (transport) transport.send(text, target, delivery);
    else delivery?.onUnsent(new Error(`SIP over ${target.transport} is switched off`));
  }

  /** The Via names the transport that was chosen in the end, and its port (RFC 3261 section 18.1.1). */
  #withVia(request: string, protocol: Protocol): string {
    const at = request.indexOf(VIA);
    if (request.indexOf(VIA_OVER[protocol], at) === at) return request;
    const start = at + VIA.length;
    const sentBy = `${protocol} ${hostPort(this.host, this.portOf(protocol))}`;
    return request.slice(0, start) + sentBy + request.slice(request.indexOf(';', start));
  }

  #isForTcp(request: string, target: Target): boolean {
    if (Buffer.byteLength(request) <= MAX_UDP_REQUEST_BYTES) return false;
    return (this.#withoutTcp.get(hostPort(target.address, target.port)) ?? 0) <= performance.now();
  }

  #noteWithoutTcp({ address, port }: Target): void {
    const key = hostPort(address, port);
    this.#withoutTcp.delete(key);
    this.#withoutTcp.set(key, performance.now() + WITHOUT_TCP_MS);
    const [oldest] = this.#withoutTcp.keys();
    if (this.#withoutTcp.size > MAX_WITHOUT_TCP && oldest !== undefined) this.#withoutTcp.delete(oldest);
  }
}

const VIA = '\r\nVia: SIP/2.0/';
const VIA_OVER: Readonly<Record<Protocol, string>> = { UDP: `${VIA}UDP `, TCP: `${VIA}TCP `, TLS: `${VIA}TLS ` };

async function openBoth(host: string, port: number, receiver: Receiver): Promise<[Transport, Transport]> {
  for (let tried = 1; ; tried += 1) {
    const udp = await UdpTransport.open(host, port, receiver);
    try {
      return [udp, await openTcp(host, udp.port, receiver)];
    } catch (error) {
      await udp.close();
      if (port !== 0 || tried === MAX_PORTS) throw error;
    }
  }
}
