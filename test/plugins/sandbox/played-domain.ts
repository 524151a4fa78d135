import { expect } from 'chai';
import type { Endpoint } from '../../../plugins/sandbox/addresses.js';
import { fields, startLine, UdpPeer } from './udp-peer.js';

/** The proxy of a telephone and everything behind it, played by a test over UDP. */
export class PlayedDomain {
  telephone: Endpoint | undefined;
  private count = 0;

  private constructor(private readonly peer: UdpPeer) {}

  static async open(): Promise<PlayedDomain> {
    return new PlayedDomain(await UdpPeer.open());
  }

  get proxy(): Endpoint {
    return { address: '127.0.0.1', port: this.peer.port };
  }

  caller(): PlayedCaller {
    return new PlayedCaller(this, `call${++this.count}@127.0.0.1`);
  }

  /** The telephone's next message, which has to start so. */
  async expect(start: string): Promise<string> {
    const text = await this.next();
    expect(startLine(text).slice(0, start.length)).to.equal(start);
    return text;
  }

  /** The telephone's next message that starts so; those before it are passed over. */
  async until(start: string): Promise<string> {
    for (;;) {
      const text = await this.next();
      if (startLine(text).startsWith(start)) return text;
    }
  }

  async next(): Promise<string> {
    return this.peer.next();
  }

  /** A request to the telephone, with a new Via. */
  request(method: string, headers: readonly string[], body = '', branch = `z9hG4bK${++this.count}`): void {
    this.send([
      `${method} sip:user1@127.0.0.1:${this.telephone?.port} SIP/2.0`,
      `Via: SIP/2.0/UDP 127.0.0.1:${this.peer.port};branch=${branch}`,
      'Max-Forwards: 69',
      ...headers,
      ...bodyOf(body),
    ]);
  }

  /** Settles when the telephone has read all that was sent to it. */
  async settled(): Promise<void> {
    const dialog = ['From: <sip:caller@example.com>;tag=caller', 'To: <sip:user1@example.com>'];
    this.request('OPTIONS', [...dialog, `Call-ID: options${++this.count}`, 'CSeq: 1 OPTIONS']);
    await this.expect('SIP/2.0 200');
  }

  /** The other side's response to a request of the telephone. */
  respond(request: string, status: string, headers: readonly string[] = [], body = ''): void {
    const copied = ['Via', 'From', 'Call-ID', 'CSeq'].map((name) => `${name}: ${fields(request, name)[0]}`);
    const [to = ''] = fields(request, 'To');
    this.send([
      `SIP/2.0 ${status}`,
      ...copied,
      `To: ${to.includes(';tag=') ? to : `${to};tag=called`}`,
      `Contact: <sip:called@127.0.0.1:${this.peer.port}>`,
      ...headers,
      ...bodyOf(body),
    ]);
  }

  async close(): Promise<void> {
    await this.peer.close();
  }

  private send(lines: readonly string[]): void {
    this.peer.send(lines.join('\r\n'), this.telephone!.port);
  }
}

/** A caller of the telephone, who sends what a test says. */
export class PlayedCaller {
  private toTag = '';
  private cseq = 0;

  constructor(
    private readonly domain: PlayedDomain,
    private readonly callId: string,
  ) {}

  /** Settles when the telephone has the INVITE. */
  async invite(offer = ''): Promise<void> {
    this.send('INVITE', ++this.cseq, [], offer, this.branch);
    await this.domain.expect('SIP/2.0 100');
  }

  cancel(): void {
    this.send('CANCEL', this.cseq, [], '', this.branch);
  }

  ack(answer = ''): void {
    this.send('ACK', this.cseq, [], answer);
  }

  /** A request in the dialog. */
  request(method: string, headers: readonly string[] = [], body = ''): void {
    this.send(method, ++this.cseq, headers, body);
  }

  /** The telephone's response to this caller, which has to start so. */
  async expect(status: string): Promise<string> {
    const text = await this.domain.expect(`SIP/2.0 ${status}`);
    expect(fields(text, 'Call-ID')).to.deep.equal([this.callId]);
    this.toTag = /;tag=(\S+)/.exec(fields(text, 'To')[0]!)?.[1] ?? '';
    return text;
  }

  private get branch(): string {
    return `z9hG4bK${this.callId.replace('@', '-')}`;
  }

  private send(method: string, cseq: number, headers: readonly string[], body: string, branch?: string): void {
    const to = '<sip:user1@example.com>';
    const dialog = [
      'From: <sip:caller@example.com>;tag=caller',
      `To: ${this.toTag && method !== 'CANCEL' ? `${to};tag=${this.toTag}` : to}`,
      `Call-ID: ${this.callId}`,
      `CSeq: ${cseq} ${method}`,
      `Contact: <sip:caller@127.0.0.1:${this.domain.proxy.port}>`,
    ];
    this.domain.request(method, [...dialog, ...headers], body, branch);
  }
}

function bodyOf(body: string): string[] {
  const type = body === '' ? [] : ['Content-Type: application/sdp'];
  return [...type, `Content-Length: ${body.length}`, '', body];
}
