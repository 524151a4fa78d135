import { SipPeer, type Received, type Reply } from '../sip-peer.js';

/** One telephone in one call. */
export interface TelephoneLeg {
  readonly user: string;
  /** UDP port of the node that has sent the latest request in the dialog. */
  nodePort: number;
  /** The node's Contact as of the latest request that refreshes it. */
  target: string;
  /** BYEs from whatever node. */
  byes: number;
  hasHungUp: boolean;
  cseq: number;
  readonly invite: Received;
}

const sdp = [
  'v=0',
  'o=- 1 1 IN IP4 127.0.0.1',
  's=-',
  'c=IN IP4 127.0.0.1',
  't=0 0',
  'm=audio 9 RTP/AVP 0',
  'a=inactive',
  '',
].join('\r\n');
const REFRESHING = new Set(['INVITE', 'UPDATE']);

/**
 * Any number of telephones, which answer at once, behind two proxies that record their routes; all of that on one UDP port. They are strict:
 * they refuse a request whose CSeq is not above the last one's, and blame one that does not take both proxies.
 */
export class Telephones {
  readonly faults: string[] = [];
  readonly #legs = new Map<string, TelephoneLeg>();
  /** By the request's Via and method: a copy is answered as the first one. */
  readonly #answers = new Map<string, string>();

  private constructor(private readonly peer: SipPeer) {
    peer.onMessage((message) => this.#receive(message));
  }

  static async open(): Promise<Telephones> {
    return new Telephones(await SipPeer.open());
  }

  get uri(): string {
    return this.peer.uri;
  }

  get legs(): readonly TelephoneLeg[] {
    return [...this.#legs.values()];
  }

  /** The telephone ends its call, at the node that it knows. */
  hangUp(user: string): void {
    const [callId, leg] = [...this.#legs].find(([, each]) => each.user === user) ?? [];
    if (callId === undefined || !leg) throw new Error(`${user} is in no call`);
    const [, port] = /^sip:[^@]+@127\.0\.0\.1:(\d+)/.exec(leg.target) ?? [];
    const parties = { from: `${leg.invite.header('To')};tag=${user}`, to: leg.invite.header('From') };
    this.peer.request({ method: 'BYE', uri: leg.target, callId, cseq: 1, ...parties }, Number(port));
  }

  async close(): Promise<void> {
    await this.peer.close();
  }

  #receive(message: Received): void {
    const leg = this.#legs.get(message.header('Call-ID'));
    const earlier = this.#answers.get(transactionOf(message));
    if (earlier !== undefined) this.peer.send(earlier, message.port);
    else if (message.kind === '200 BYE' && leg) leg.hasHungUp = true;
    else if (message.kind === 'INVITE' && !leg) this.#pickUp(message);
    else if (/^[A-Z]/.test(message.kind) && message.kind !== 'ACK' && leg) this.#answer(leg, message);
  }

  #pickUp(invite: Received): void {
    const [, user = '', number = '0'] = /^INVITE sip:([a-z]+(\d+))@/.exec(invite.startLine) ?? [];
    const { port: nodePort, cseq } = invite;
    const target = contactOf(invite);
    this.#legs.set(invite.header('Call-ID'), { user, nodePort, target, byes: 0, hasHungUp: false, cseq, invite });
    const knowsUpdate = Number(number) % 2 === 0;
    const routes = [2, 1].map((hop) => `Record-Route: <sip:127.0.0.1:${this.peer.port};lr;hop=${hop}>`);
    const headers = [...routes, ...(knowsUpdate ? ['Allow: INVITE, ACK, BYE, UPDATE'] : [])];
    this.#reply(invite, 200, { tag: user, headers, body: sdp });
  }

  #answer(leg: TelephoneLeg, request: Received): void {
    if (request.cseq <= leg.cseq) return this.#reply(request, 500);
    const routes = request.headers('Route').join();
    if (!/;hop=1>.*;hop=2>/.test(routes)) this.faults.push(`${request.startLine} with the Route ${routes}`);
    leg.nodePort = request.port;
    leg.cseq = request.cseq;
    if (request.kind === 'BYE') leg.byes += 1;
    if (REFRESHING.has(request.kind)) leg.target = contactOf(request);
    return this.#reply(request, 200, request.kind === 'INVITE' ? { body: sdp } : {});
  }

  #reply(request: Received, status: number, options: Reply = {}): void {
    this.#answers.set(transactionOf(request), this.peer.reply(request, status, options));
  }
}

function transactionOf(request: Received): string {
  return `${request.kind} ${request.headers('Via').join()}`;
}

function contactOf(message: Received): string {
  return /<([^>]+)>/.exec(message.header('Contact'))?.[1] ?? '';
}
