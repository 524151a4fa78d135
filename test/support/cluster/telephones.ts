import { SipPeer, type Received, type Reply } from '../sip-peer.js';

/** One telephone in one call. */
export interface TelephoneLeg {
  readonly user: string;
  /** UDP port of the node that sent the latest request in the dialog. */
  nodePort: number;
  /** The node's Contact in the latest target refresh. */
  target: string;
  /** BYEs from any node. */
  byes: number;
  /** The node has answered the telephone's own BYE. */
  hasHungUp: boolean;
  /** The telephone has forgotten the dialog. */
  isOver: boolean;
  /** The telephone has answered 481 to a request other than BYE, so a BYE may follow (RFC 3261 section 12.2.1.2). */
  hasRefused: boolean;
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
/** Interval and duration of a telephone's BYE retransmissions; then its call is over without an answer. */
const REPEAT_MS = 500;
const GIVE_UP_MS = 8_000;

/**
 * Any number of telephones that answer at once, behind two record-routing proxies, all on one UDP port. The telephones are strict:
 * they refuse a request whose CSeq is not above the last one, and report a request that bypasses a proxy, a user's second call, and a
 * second BYE.
 */
export class Telephones {
  readonly faults: string[] = [];
  readonly #legs = new Map<string, TelephoneLeg>();
  /** Unanswered BYEs of telephones, by Call-ID. */
  readonly #unanswered = new Map<string, NodeJS.Timeout>();
  /** Responses by the Via and method of their request, to repeat them for retransmissions. */
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

  /** Whether the telephone is in a call. */
  mayHangUp(user: string): boolean {
    return this.legs.some((leg) => leg.user === user && !leg.isOver);
  }

  /** The telephone sends BYE to the node that it knows. */
  hangUp(user: string): void {
    const [callId, leg] = [...this.#legs].find(([, each]) => each.user === user) ?? [];
    if (callId === undefined || !leg) throw new Error(`${user} is in no call`);
    const [, port] = /^sip:[^@]+@127\.0\.0\.1:(\d+)/.exec(leg.target) ?? [];
    const parties = { from: `${leg.invite.header('To')};tag=${user}`, to: leg.invite.header('From') };
    const bye = this.peer.request({ method: 'BYE', uri: leg.target, callId, cseq: 1, ...parties }, Number(port));
    leg.isOver = true;
    const endsAtMs = performance.now() + GIVE_UP_MS;
    const repeat = (): void => {
      if (performance.now() > endsAtMs) this.#stop(callId);
      else this.peer.send(bye, Number(port));
    };
    this.#unanswered.set(callId, setInterval(repeat, REPEAT_MS));
  }

  #stop(callId: string): void {
    clearInterval(this.#unanswered.get(callId));
    this.#unanswered.delete(callId);
  }

  async close(): Promise<void> {
    for (const callId of this.#unanswered.keys()) this.#stop(callId);
    await this.peer.close();
  }

  #receive(message: Received): void {
    const leg = this.#legs.get(message.header('Call-ID'));
    const earlier = this.#answers.get(transactionOf(message));
    if (earlier !== undefined) this.peer.send(earlier, message.port);
    else if (message.kind.endsWith(' BYE') && leg) this.#bid(leg, message);
    else if (message.kind === 'INVITE' && !leg) this.#pickUp(message);
    else if (/^[A-Z]/.test(message.kind) && message.kind !== 'ACK' && leg) this.#answer(leg, message);
  }

  #bid(leg: TelephoneLeg, response: Received): void {
    this.#stop(response.header('Call-ID'));
    leg.hasHungUp ||= response.kind === '200 BYE';
  }

  #pickUp(invite: Received): void {
    const [, user = '', number = '0'] = /^INVITE sip:([a-z]+(\d+))@/.exec(invite.startLine) ?? [];
    const { port: nodePort, cseq } = invite;
    const target = contactOf(invite);
    if (this.legs.some((leg) => leg.user === user && !leg.isOver)) this.faults.push(`${user} is called twice`);
    const fresh = { byes: 0, hasHungUp: false, isOver: false, hasRefused: false };
    this.#legs.set(invite.header('Call-ID'), { ...fresh, user, nodePort, target, cseq, invite });
    const knowsUpdate = Number(number) % 2 === 0;
    const routes = [2, 1].map((hop) => `Record-Route: <sip:127.0.0.1:${this.peer.port};lr;hop=${hop}>`);
    const headers = [...routes, ...(knowsUpdate ? ['Allow: INVITE, ACK, BYE, UPDATE'] : [])];
    this.#reply(invite, 200, { tag: user, headers, body: sdp });
  }

  #answer(leg: TelephoneLeg, request: Received): void {
    if (leg.isOver) return this.#refuse(leg, request);
    if (request.cseq <= leg.cseq) return this.#reply(request, 500);
    const routes = request.headers('Route').join();
    if (!/;hop=1>.*;hop=2>/.test(routes)) this.faults.push(`${request.startLine} with the Route ${routes}`);
    leg.nodePort = request.port;
    leg.cseq = request.cseq;
    if (request.kind === 'BYE') leg.byes += 1;
    leg.isOver = request.kind === 'BYE';
    if (REFRESHING.has(request.kind)) leg.target = contactOf(request);
    return this.#reply(request, 200, request.kind === 'INVITE' ? { body: sdp } : {});
  }

  #refuse(leg: TelephoneLeg, request: Received): void {
    const hasEndedItself = leg.byes === 0;
    if (request.kind !== 'BYE') leg.hasRefused = true;
    else if (!leg.hasRefused && !hasEndedItself) this.faults.push(`${leg.user} gets a second BYE`);
    this.#reply(request, 481);
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
