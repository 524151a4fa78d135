import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import type { Log } from '../../sdk/index.js';
import type { Endpoint } from './addresses.js';
import { parseMessage, serialize } from './message.js';
import type { Proxy } from './proxy.js';

export const proxyAddress = '127.0.0.1';

/** The UDP socket of the proxy. It is bound before there is a proxy, because the proxy has to know its own port. */
export class ProxySocket {
  private readonly socket = createSocket('udp4');
  private closed = false;

  constructor(private readonly log: Log) {}

  /**
   * @param port 0 takes a free one
   * @throws when the port is taken
   */
  async open(port: number): Promise<Endpoint> {
    this.socket.bind(port, proxyAddress);
    await once(this.socket, 'listening');
    this.socket.on('error', (error) => this.log.warn('sandbox proxy socket failed', { error: error.message }));
    return { address: proxyAddress, port: this.socket.address().port };
  }

  serve(proxy: Proxy): void {
    this.socket.on('message', (datagram, source) => {
      const message = parseMessage(datagram);
      if (!message) {
        this.log.debug('sandbox proxy dropped what is not a SIP message', {
          from: source.port,
          bytes: datagram.length,
        });
        return;
      }
      for (const { to, message: outgoing } of proxy.handle(message, source)) {
        this.socket.send(serialize(outgoing), to.port, to.address, (error) => {
          if (error) this.log.debug('sandbox proxy could not send', { to: to.port, error: error.message });
        });
      }
    });
  }

  async close(): Promise<void> {
    if (this.closed) return;
    this.closed = true;
    await new Promise<void>((resolve) => {
      this.socket.close(resolve);
    });
  }
}
