import { EventEmitter, once } from 'node:events';
import { connect as connectTcp, createServer as createTcpServer, type Server, type Socket } from 'node:net';
import { connect as connectTls, createServer as createTlsServer } from 'node:tls';
import { parseMessage, RequestMessage } from '../../container/sip/message/parser/index.js';
import { StreamFraming } from '../../container/sip/transport/stream-framing.js';

/** A message that a peer received or sent. */
export interface StreamMessage {
  /** Method of a request, `200 INVITE` of a response. */
  readonly kind: string;
  readonly text: string;
  readonly isOurs: boolean;
  /** The connection of the message. */
  readonly socket: Socket;
  header(name: string): string;
  headers(name: string): string[];
}

export interface StreamPeerOptions {
  /** Speaks TLS with this key and certificate, both PEM, and trusts any certificate. */
  readonly tls?: { readonly key: string; readonly cert: string };
  /** 0 takes a free one. */
  readonly port?: number;
}

/**
 * A scripted SIP server over TCP or TLS on 127.0.0.1. The server answers on the connection of the request,
 * or, if that is closed, on a new one to the port of the Via.
 */
export class StreamPeer {
  /** All messages in both directions, in order. */
  readonly messages: StreamMessage[] = [];
  /** Incoming and outgoing connections. */
  readonly sockets: Socket[] = [];
  readonly #events = new EventEmitter();
  readonly #untaken: StreamMessage[] = [];

  private constructor(
    private readonly server: Server,
    private readonly isTls: boolean,
    readonly port: number,
  ) {
    this.#events.setMaxListeners(0);
  }

  static async open({ tls, port = 0 }: StreamPeerOptions = {}): Promise<StreamPeer> {
    const server = tls ? createTlsServer(tls) : createTcpServer();
    server.listen(port, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    if (address === null || typeof address === 'string') throw new Error('no port');
    const peer = new StreamPeer(server, tls !== undefined, address.port);
    server.on(tls ? 'secureConnection' : 'connection', (socket: Socket) => peer.#adopt(socket));
    return peer;
  }

  get transport(): 'TCP' | 'TLS' {
    return this.isTls ? 'TLS' : 'TCP';
  }

  /** Called after each message received or sent. */
  onMessage(listener: (message: StreamMessage) => void): void {
    this.#events.on('message', listener);
  }

  /** Takes the first message of a kind that was not taken before; waits for one if necessary. */
  async take(kind: string, timeoutMs = 3000): Promise<StreamMessage> {
    const signal = AbortSignal.timeout(timeoutMs);
    for (;;) {
      const index = this.#untaken.findIndex((message) => message.kind === kind);
      const [message] = index === -1 ? [] : this.#untaken.splice(index, 1);
      if (message) return message;
      await once(this.#events, 'message', { signal }).catch(() => {
        const got = this.messages.map((each) => `${each.isOurs ? '>' : '<'}${each.kind}`).join(', ');
        throw new Error(`No ${kind} came; what came and went: ${got || 'nothing'}`);
      });
    }
  }

  /** Answers a request. @param lines header lines, and after an empty one the body */
  reply(request: StreamMessage, status: number, lines: readonly string[] = []): void {
    const to = request.header('To');
    const text = textOf(
      [
        `SIP/2.0 ${status} Because`,
        ...request.headers('Via').map((via) => `Via: ${via}`),
        `From: ${request.header('From')}`,
        `To: ${to}${status === 100 || to.includes(';tag=') ? '' : ';tag=peer'}`,
        `Call-ID: ${request.header('Call-ID')}`,
        `CSeq: ${request.header('CSeq')}`,
      ],
      lines,
    );
    if (request.socket.writable) this.send(text, request.socket);
    else void this.sendTo(text, Number(/ 127\.0\.0\.1:(\d+)/.exec(request.header('Via'))?.[1]));
  }

  /** Sends on a new connection to a port. */
  async sendTo(text: string, port: number): Promise<void> {
    const address = { port, host: '127.0.0.1' };
    const socket = this.isTls ? connectTls({ ...address, rejectUnauthorized: false }) : connectTcp(address);
    this.#adopt(socket);
    socket.once(this.isTls ? 'secureConnect' : 'connect', () => this.send(text, socket));
    await once(socket, this.isTls ? 'secureConnect' : 'connect');
  }

  send(text: string, socket: Socket): void {
    socket.write(text);
    this.#note(Buffer.from(text), socket, true);
  }

  /** Simulates a crash: accepts no more connections, and cuts the open ones. */
  async close(): Promise<void> {
    const closed = this.server.listening ? once(this.server, 'close') : undefined;
    this.server.close();
    for (const socket of this.sockets) socket.destroy();
    await closed;
  }

  #adopt(socket: Socket): void {
    const framing = new StreamFraming();
    this.sockets.push(socket);
    socket.on('error', () => undefined);
    socket.on('data', (chunk: Buffer) => {
      for (const frame of framing.push(chunk)) {
        if (frame.type === 'message') this.#note(frame.message, socket, false);
      }
    });
  }

  #note(bytes: Buffer, socket: Socket, isOurs: boolean): void {
    const parsed = parseMessage(bytes);
    const kind = parsed instanceof RequestMessage ? parsed.method : `${parsed.statusCode} ${parsed.method}`;
    const note: StreamMessage = {
      kind,
      text: bytes.toString(),
      isOurs,
      socket,
      header: (name) => parsed.getHeader(name) ?? '',
      headers: (name) => parsed.getHeaders(name),
    };
    this.messages.push(note);
    if (!isOurs) this.#untaken.push(note);
    this.#events.emit('message', note);
  }
}

/** Builds a message. @param more header lines, and after an empty one the body */
export function textOf(head: readonly string[], more: readonly string[] = []): string {
  const end = more.includes('') ? more.indexOf('') : more.length;
  const body = more.slice(end + 1).join('\r\n');
  return [...head, ...more.slice(0, end), `Content-Length: ${Buffer.byteLength(body)}`, '', body].join('\r\n');
}
