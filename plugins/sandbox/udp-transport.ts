import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { type Core, EmitterImpl, type Transport, TransportState } from 'sip.js';
import type { Endpoint } from './addresses.js';

export interface UdpTransportOptions {
  readonly proxy: Endpoint;
  /** Told where the telephone listens, once it does. */
  readonly onOpen: (own: Endpoint) => void;
}

/**
 * SIP.js over UDP. All that a telephone sends goes to the proxy: requests because the proxy is its outbound proxy, responses because
 * every request comes from there. The socket takes datagrams from the proxy only.
 *
 * SIP.js was made for WebSocket: it retransmits nothing but the 2xx response to an INVITE. Nothing gets lost on loopback.
 */
export class UdpTransport implements Transport {
  readonly protocol = 'UDP';
  readonly stateChange = new EmitterImpl<TransportState>();
  state = TransportState.Disconnected;
  onConnect: (() => void) | undefined;
  onDisconnect: ((error?: Error) => void) | undefined;
  onMessage: ((message: string) => void) | undefined;
  private readonly socket = createSocket('udp4');
  private closed: Promise<void> | undefined;

  constructor(
    private readonly logger: Core.Logger,
    private readonly options: UdpTransportOptions,
  ) {
    this.socket.on('message', (datagram) => this.receive(datagram.toString()));
  }

  isConnected(): boolean {
    return this.state === TransportState.Connected;
  }

  async connect(): Promise<void> {
    const { proxy, onOpen } = this.options;
    this.become(TransportState.Connecting);
    this.socket.bind(0, proxy.address);
    await once(this.socket, 'listening');
    this.socket.connect(proxy.port, proxy.address);
    await once(this.socket, 'connect');
    this.socket.on('error', (error) => this.logger.warn(`The socket failed: ${error.message}`));
    onOpen(this.socket.address());
    this.become(TransportState.Connected);
    this.onConnect?.();
  }

  disconnect(): Promise<void> {
    this.closed ??= this.close();
    return this.closed;
  }

  dispose(): Promise<void> {
    return this.disconnect();
  }

  async send(message: string): Promise<void> {
    if (!this.isConnected()) throw new Error('The telephone is switched off');
    await new Promise<void>((resolve, reject) => {
      this.socket.send(Buffer.from(message), (error) => (error ? reject(error) : resolve()));
    });
  }

  /** SIP.js throws on some messages that it does not expect, for example on a PRACK. */
  private receive(message: string): void {
    try {
      this.onMessage?.(message);
    } catch (error) {
      this.logger.warn(`A message was dropped: ${String(error)}`);
    }
  }

  private async close(): Promise<void> {
    this.become(TransportState.Disconnected);
    await new Promise<void>((resolve) => {
      this.socket.close(resolve);
    });
    this.onDisconnect?.();
  }

  private become(state: TransportState): void {
    this.state = state;
    this.stateChange.emit(state);
  }
}
