import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { z } from 'zod';

const envelope = z.object({
  id: z.string(),
  type: z.string(),
  sequence: z.number(),
  data: z.object({ call: z.object({ id: z.string() }) }),
});

/** An event sent to a webhook. */
export interface Delivery extends z.output<typeof envelope> {
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** A receiver of webhooks. */
export class WebhookTarget {
  readonly deliveries: Delivery[] = [];
  /** Status of the answers. */
  status = 204;
  #onDelivery: () => void = () => undefined;

  private constructor(private readonly server: Server) {}

  static async start(): Promise<WebhookTarget> {
    const server = createServer();
    const target = new WebhookTarget(server);
    server.on('request', (request, response) => {
      let body = '';
      request.setEncoding('utf8').on('data', (chunk: string) => (body += chunk));
      request.on('end', () => {
        target.deliveries.push({ ...envelope.parse(JSON.parse(body)), headers: request.headers, body });
        response.writeHead(target.status).end();
        target.#onDelivery();
      });
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return target;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}/hook`;
  }

  /** Sequence numbers of a call's events, as received. */
  sequences(callId: string): number[] {
    return this.deliveries.filter(({ data }) => data.call.id === callId).map(({ sequence }) => sequence);
  }

  /** Whether the last event of a call has arrived. */
  hasEnded(callId: string): boolean {
    return this.deliveries.some(({ type, data }) => type === 'call.ended' && data.call.id === callId);
  }

  /** Resolves with that delivery. */
  async until(isSo: () => boolean): Promise<void> {
    while (!isSo()) await new Promise<void>((resolve) => (this.#onDelivery = resolve));
  }

  async stop(): Promise<void> {
    this.server.close();
    this.server.closeAllConnections();
    await once(this.server, 'close');
  }
}
