import { createSocket, type Socket } from 'node:dgram';
import { EventEmitter, once } from 'node:events';
import { parseMessage, RequestMessage } from '../container/sip/message/parser/index.js';

/** A message that the peer got. */
export interface ReceivedMessage {
  /** Method of a request, `200 INVITE` of a response. */
  readonly kind: string;
  readonly text: string;
  /** When it came, in milliseconds of a clock that only rises. */
  readonly atMs: number;
  /** Port that it came from. */
  readonly port: number;
  readonly cseq: number;
  readonly startLine: string;
  readonly body: string;
  header(name: string): string;
  headers(name: string): string[];
}

export interface PeerReply {
  readonly reason?: string;
  /** To tag; `null`: none. */
  readonly tag?: string | null;
  /** Header lines. */
  readonly headers?: readonly string[];
  readonly contact?: string | null;
  readonly body?: string;
}

export interface PeerRequest {
  readonly method: string;
  /** Request-URI. */
  readonly uri: string;
  readonly callId: string;
  readonly cseq: number;
  readonly from: string;
  readonly to: string;
  readonly branch?: string;
  /** The whole Via value. */
  readonly via?: string;
  /** Header lines. */
  readonly headers?: readonly string[];
  readonly contact?: string | null;
  readonly body?: string;
}

let branches = 0;

/** A SIP telephone or proxy without a mind of its own: a UDP socket on 127.0.0.1 for tests that say what it sends and when. */
export class SipPeer {
  readonly received: ReceivedMessage[] = [];
  readonly #untaken: ReceivedMessage[] = [];
  readonly #arrivals = new EventEmitter();

  private constructor(private readonly socket: Socket) {
    this.#arrivals.setMaxListeners(0);
    socket.on('message', (datagram, source) => this.#receive(datagram, source.port));
  }

  static async open(): Promise<SipPeer> {
    const socket = createSocket('udp4').bind(0, '127.0.0.1');
    await once(socket, 'listening');
    return new SipPeer(socket);
  }

  get port(): number {
    return this.socket.address().port;
  }

  /** Its SIP URI, as `sipProxy` takes it. */
  get uri(): string {
    return `sip:127.0.0.1:${this.port};lr`;
  }

  /** The first message of a kind that was not taken before; waits for it when it has not come. Copies are left out. */
  async take(kind: string, timeoutMs = 3000): Promise<ReceivedMessage> {
    const signal = AbortSignal.timeout(timeoutMs);
    for (;;) {
      const index = this.#untaken.findIndex((message) => message.kind === kind);
      const [message] = index === -1 ? [] : this.#untaken.splice(index, 1);
      if (message) return message;
      await once(this.#arrivals, 'message', { signal }).catch(() => {
        const got = this.received.map((each) => each.kind).join(', ');
        throw new Error(`No ${kind} came; what came: ${got || 'nothing'}`);
      });
    }
  }

  /** Waits until so many messages of a kind have come, copies included. */
  async count(kind: string, count: number, timeoutMs = 3000): Promise<ReceivedMessage[]> {
    const signal = AbortSignal.timeout(timeoutMs);
    while (this.all(kind).length < count) {
      await once(this.#arrivals, 'message', { signal }).catch(() => {
        throw new Error(`Only ${this.all(kind).length} of ${count} ${kind} came`);
      });
    }
    return this.all(kind);
  }

  /** All messages of a kind, taken or not, copies included. */
  all(kind: string): ReceivedMessage[] {
    return this.received.filter((message) => message.kind === kind);
  }

  /** Called with each message as it comes. */
  onMessage(listener: (message: ReceivedMessage) => void): void {
    this.#arrivals.on('message', listener);
  }

  reply(request: ReceivedMessage, status: number, options: PeerReply = {}): string {
    const text = this.replyText(request, status, options);
    this.send(text, request.port);
    return text;
  }

  replyText(request: ReceivedMessage, status: number, options: PeerReply = {}): string {
    const { reason = 'Because', tag = 'peer', headers = [], body = '' } = options;
    const isTagged = tag === null || status === 100 || request.header('To').includes(';tag=');
    const method = request.header('CSeq').split(' ')[1];
    const lines = [
      `SIP/2.0 ${status} ${reason}`,
      ...request.headers('Via').map((via) => `Via: ${via}`),
      `From: ${request.header('From')}`,
      `To: ${request.header('To')}${isTagged ? '' : `;tag=${tag}`}`,
      `Call-ID: ${request.header('Call-ID')}`,
      `CSeq: ${request.header('CSeq')}`,
      ...this.#contact(options.contact, method === 'INVITE' && status > 100 && status < 300),
      ...headers,
    ];
    return withBody(lines, body);
  }

  request(request: PeerRequest, port: number): string {
    const text = this.requestText(request);
    this.send(text, port);
    return text;
  }

  requestText(request: PeerRequest): string {
    const { method, uri, callId, cseq, from, to, headers = [], body = '' } = request;
    const branch = request.branch ?? `z9hG4bKpeer${++branches}`;
    const lines = [
      `${method} ${uri} SIP/2.0`,
      `Via: ${request.via ?? `SIP/2.0/UDP 127.0.0.1:${this.port};rport;branch=${branch}`}`,
      'Max-Forwards: 70',
      `From: ${from}`,
      `To: ${to}`,
      `Call-ID: ${callId}`,
      `CSeq: ${cseq} ${method}`,
      ...this.#contact(request.contact, method === 'INVITE'),
      ...headers,
    ];
    return withBody(lines, body);
  }

  send(message: string | Buffer, port: number): void {
    this.socket.send(message, port, '127.0.0.1');
  }

  async close(): Promise<void> {
    this.socket.close();
    await once(this.socket, 'close');
  }

  #contact(contact: string | null | undefined, isUsual: boolean): string[] {
    if (contact === null || (contact === undefined && !isUsual)) return [];
    return [`Contact: ${contact ?? `<sip:peer@127.0.0.1:${this.port}>`}`];
  }

  #receive(datagram: Buffer, port: number): void {
    if (datagram.toString() === '\r\n\r\n') return; // a keep-alive
    const message = parseMessage(datagram);
    const text = datagram.toString();
    const isRequest = message instanceof RequestMessage;
    const received: ReceivedMessage = {
      kind: isRequest ? message.method : `${message.statusCode} ${message.method}`,
      text,
      atMs: performance.now(),
      port,
      cseq: message.cseq,
      startLine: text.slice(0, text.indexOf('\r\n')),
      body: message.body,
      header: (name) => message.getHeader(name) ?? '',
      headers: (name) => message.getHeaders(name),
    };
    const isCopy = this.received.some((earlier) => earlier.text === text);
    this.received.push(received);
    if (!isCopy) this.#untaken.push(received);
    this.#arrivals.emit('message', received);
  }
}

function withBody(lines: readonly string[], body: string): string {
  const type =
    body === '' || lines.some((line) => /^Content-Type:/i.test(line)) ? [] : ['Content-Type: application/sdp'];
  return [...lines, ...type, `Content-Length: ${Buffer.byteLength(body)}`, '', body].join('\r\n');
}
