import { EventEmitter, once } from 'node:events';
import type { DigestSecret } from '../../../container/sip/dialog/digest-value.js';
import { type EndpointCounts } from '../../../container/sip/user-agent/endpoint.js';
import { SipStack } from '../../../container/sip/stack.js';
import type {
  Body,
  IncomingLeg,
  IncomingRequest,
  Invitation,
  LegListener,
  Log,
  OutgoingLeg,
  Sip,
  SipResponse,
} from '../../../sdk/index.js';
import { type Received, type Request, SipPeer } from '../../support/sip-peer.js';

/** T1 where nothing is to be sent again, and where time-outs are waited for: 64*T1 are 0.64 s then. */
const PATIENT_T1_MS = 100;
export const T1_MS = 10;
export const SDP: Body = { contentType: 'application/sdp', content: 'v=0\r\n' };
export const NOTHING_LEFT: EndpointCounts = { userAgentCores: 0, dialogs: 0, transactions: 0, retransmissions: 0 };

/** A leg's listener that writes down all that it hears, and can be waited with. */
export class Listener implements LegListener {
  readonly heard: string[] = [];
  readonly responses: SipResponse[] = [];
  readonly requests: IncomingRequest[] = [];
  readonly #events = new EventEmitter();

  onResponse(response: SipResponse): void {
    this.responses.push(response);
    this.#hear(named(response));
  }

  onRequest(request: IncomingRequest): void {
    this.requests.push(request);
    this.#hear(request.method);
  }

  onCancel(): void {
    this.#hear('cancel');
  }

  onReinviteCancelled(): void {
    this.#hear('re-INVITE cancelled');
  }

  answerSpare(offer: Body): Body {
    return { ...offer, content: `answer to ${offer.content}` };
  }

  onAck(body: Body | undefined): void {
    this.#hear(`ack${body ? ` ${body.content.trim()}` : ''}`);
  }

  onAckTimeout(): void {
    this.#hear('no ACK');
  }

  /** For the responses to a request in a dialog. */
  readonly response = (response: SipResponse): void => this.onResponse(response);

  /** Waits until a text was heard so many times. */
  async hears(text: string, times = 1, timeoutMs = 3000): Promise<void> {
    const signal = AbortSignal.timeout(timeoutMs);
    while (this.heard.filter((each) => each === text).length < times) {
      await once(this.#events, 'heard', { signal }).catch(() => {
        throw new Error(`"${text}" was not heard ${times} times; what was: ${this.heard.join(', ') || 'nothing'}`);
      });
    }
  }

  #hear(text: string): void {
    this.heard.push(text);
    this.#events.emit('heard');
  }
}

/** `180`, `200 final`, `408 final local`. */
export function named({ status, final, local }: SipResponse): string {
  return `${status}${final ? ' final' : ''}${local ? ' local' : ''}`;
}

/** A log that keeps its warnings and errors. */
export class KeptLog implements Log {
  readonly lines: string[] = [];
  debug(): void {
    // ignored: for developers only
  }
  info(): void {
    // ignored: no failures
  }
  warn(message: string): void {
    this.lines.push(message);
  }
  error(message: string, fields: Readonly<Record<string, unknown>> = {}): void {
    this.lines.push(`${message} ${JSON.stringify(fields)}`);
  }
}

/** A stack, and the peer that is its proxy and everybody else. */
export class Rig {
  readonly log = new KeptLog();

  private constructor(
    readonly stack: SipStack,
    readonly sip: Sip & { close(): Promise<void> },
    readonly peer: SipPeer,
    log: KeptLog,
  ) {
    this.log = log;
  }

  static async open(
    options: {
      t1Ms?: number;
      secret?: DigestSecret;
      proxy?: string;
      port?: number;
      resolvers?: string[];
      onlyThroughProxy?: boolean;
    } = {},
  ): Promise<Rig> {
    const peer = await SipPeer.open();
    const log = new KeptLog();
    const stack = await SipStack.open({
      host: '127.0.0.1',
      port: options.port ?? 0,
      t1Ms: options.t1Ms ?? PATIENT_T1_MS,
      domain: 'example.com',
      realms: ['example.com', 'branch.example.com'],
      resolvers: options.resolvers ?? [],
      onlyThroughProxy: options.onlyThroughProxy ?? false,
      proxy: options.proxy ?? `sip:127.0.0.1:${peer.port};lr`,
      log,
      secretOf: () => options.secret,
    });
    return new Rig(stack, stack.forPlugin('controller', log), peer, log);
  }

  /** Places a call to the peer. */
  invite(listener: LegListener, invitation: Partial<Invitation> = {}): OutgoingLeg {
    return this.sip.invite(
      {
        uri: 'sip:phone@example.com',
        from: { uri: 'sip:agent@example.com', displayName: 'Agent' },
        to: 'sip:phone@example.com',
        body: SDP,
        ...invitation,
      },
      listener,
    );
  }

  /** A call that the peer has answered, and that was acknowledged. */
  async talk(invitation: Partial<Invitation> = {}, listener = new Listener()): Promise<Talk> {
    const leg = this.invite(listener, invitation);
    const invite = await this.peer.take('INVITE');
    this.peer.reply(invite, 200, { body: SDP.content });
    await listener.hears('200 final');
    leg.ack();
    await this.peer.take('ACK');
    return { leg, listener, invite, cseq: 100 };
  }

  /** Sends a request of the peer inside a call that it has answered. */
  ask({ invite }: Pick<Talk, 'invite'>, method: string, cseq: number, request: Partial<Request> = {}): string {
    return this.peer.request(inDialog(invite, { method, cseq, ...request }), this.stack.port);
  }

  /** Sends a request of the peer outside all calls. */
  call(request: Partial<Request> = {}): string {
    const { method = 'INVITE' } = request;
    return this.peer.request(
      {
        method,
        uri: `sip:controller@127.0.0.1:${this.stack.port}`,
        callId: newCallId(),
        cseq: 1,
        from: '<sip:caller@example.com>;tag=caller',
        to: '<sip:controller@example.com>',
        ...(method === 'INVITE' ? { body: SDP.content } : {}),
        ...request,
      },
      this.stack.port,
    );
  }

  /** Resolves when the stack has handled everything that the peer has sent so far: another request was answered. */
  async caughtUp(): Promise<void> {
    const before = this.peer.all('200 OPTIONS').length;
    this.call({ method: 'OPTIONS' });
    await this.peer.count('200 OPTIONS', before + 1);
  }

  async close(): Promise<void> {
    await this.stack.close();
    await this.peer.close();
  }
}

export interface Talk {
  readonly leg: OutgoingLeg;
  readonly listener: Listener;
  /** The INVITE, as the peer got it. */
  readonly invite: Received;
  readonly cseq: number;
}

/** A request of the telephone that has answered an INVITE of ours. */
export function inDialog(invite: Received, request: Partial<Request> & Pick<Request, 'method'>): Request {
  return {
    uri: /<([^>]+)>/.exec(invite.header('Contact'))?.[1] ?? '',
    callId: invite.header('Call-ID'),
    cseq: 100,
    from: `${invite.header('To')};tag=peer`,
    to: invite.header('From'),
    ...request,
  };
}

let callIds = 0;

export function newCallId(): string {
  return `call-${++callIds}@peer.example.com`;
}

/** An incoming call as the plugin sees it. */
export interface Taken {
  readonly leg: IncomingLeg;
  readonly listener: Listener;
}

/** Takes the calls to a user agent, one after the other. */
export function takeCalls(
  sip: Pick<Sip, 'onInvite'>,
  onCall: (leg: IncomingLeg) => void = () => undefined,
): () => Promise<Taken> {
  const calls: Taken[] = [];
  const arrivals = new EventEmitter();
  sip.onInvite((leg) => {
    const listener = new Listener();
    calls.push({ leg, listener });
    onCall(leg);
    arrivals.emit('call');
    return listener;
  });
  return async () => {
    while (calls.length === 0) await once(arrivals, 'call', { signal: AbortSignal.timeout(3000) });
    const [call] = calls.splice(0, 1);
    if (!call) throw new Error('No call came');
    return call;
  };
}

/** Waits until a stack has nothing left of its calls. */
export async function nothingLeft(stack: SipStack, timeoutMs = 3000): Promise<EndpointCounts> {
  const untilMs = performance.now() + timeoutMs;
  while (performance.now() < untilMs && Object.values(stack.counts).some((count) => count > 0)) {
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  return stack.counts;
}
