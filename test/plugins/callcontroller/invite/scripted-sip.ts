import type {
  Body,
  Header,
  IncomingRequest,
  Invitation,
  Leg,
  LegListener,
  LegSnapshot,
  OutgoingLeg,
  ReplyOptions,
  RequestOptions,
  Restoration,
  Sip,
  SipMessage,
  SipResponse,
  Subscription,
  UserAgent,
} from '../../../../sdk/index.js';

export const SDP = 'application/sdp';

export function sdp(name: string, port: number, direction = 'sendrecv', protocol = 'RTP/AVP'): Body {
  const lines = [
    `o=${name} 1 1 IN IP4 192.0.2.1`,
    's=-',
    'c=IN IP4 192.0.2.1',
    't=0 0',
    `m=audio ${port} ${protocol} 0`,
  ];
  return { contentType: SDP, content: `v=0\r\n${lines.join('\r\n')}\r\na=${direction}\r\n` };
}

interface Answer extends ReplyOptions {
  /** Made by the stack. */
  readonly local?: boolean;
}

/** A request that the controller has sent. */
export class Sent {
  isCancelled = false;
  isAnswered = false;

  /** @param crosses it is a re-INVITE that crosses another one */
  constructor(
    readonly method: string,
    readonly options: RequestOptions,
    readonly crosses: boolean,
    private readonly onResponse: (response: SipResponse) => void,
  ) {}

  header(name: string): string | undefined {
    return this.options.headers?.find(([field]) => field === name)?.[1];
  }

  answer(status: number, answer: Answer = {}): void {
    const reason = answer.reason ?? 'Because';
    this.isAnswered ||= status >= 200;
    this.onResponse({
      ...messageOf(this.method, answer.headers ?? [], answer.body),
      status,
      reason,
      statusLine: `SIP/2.0 ${status} ${reason}`,
      final: status >= 200,
      local: answer.local ?? false,
    });
  }
}

/** A leg whose other side is the test. */
export class ScriptedLeg implements OutgoingLeg {
  readonly sent = Promise.resolve();
  readonly callId = 'call-id';
  readonly localTag = 'local';
  readonly remoteTag = 'remote';
  readonly localParty: string;
  readonly remoteParty: string;
  readonly requests: Sent[] = [];
  readonly acks: (Body | undefined)[] = [];
  isReleased = false;
  /** A 2xx of the other side's to an INVITE waits for its ACK. */
  #owesAck = false;
  /** Replies to the other side's latest re-INVITE, until that is acknowledged. */
  #theirs: readonly { readonly status: number }[] | undefined;

  constructor(
    { from, to }: Pick<Invitation, 'from' | 'to'>,
    private readonly listener: LegListener,
  ) {
    this.localParty = from.uri;
    this.remoteParty = to;
  }

  /** What was sent, in order. */
  get methods(): string[] {
    return this.requests.map(({ method }) => method);
  }

  /** The latest request. */
  get latest(): Sent {
    const latest = this.requests.at(-1);
    if (!latest) throw new Error('Nothing was sent');
    return latest;
  }

  /** What the other side's re-INVITE waits for. */
  get theirsAwaits(): 'answer' | 'ACK' | undefined {
    const status = this.#theirs?.find((reply) => reply.status >= 200)?.status;
    if (!this.#theirs || (status !== undefined && status >= 300)) return undefined;
    return status === undefined ? 'answer' : 'ACK';
  }

  /** A re-INVITE is under way in either direction, or its ACK is. */
  get isChanging(): boolean {
    const isOurs = this.requests.some(({ method, isAnswered }) => method === 're-INVITE' && !isAnswered);
    return this.#owesAck || isOurs || this.theirsAwaits !== undefined;
  }

  /** The other side sends a request. @returns the replies so far, and those still to come */
  ask(method: string, headers: readonly Header[] = [], body?: Body): { status: number; options: ReplyOptions }[] {
    const replies: { status: number; options: ReplyOptions }[] = [];
    const request: IncomingRequest = {
      ...messageOf(method, headers, body),
      uri: 'sip:callcontroller@127.0.0.1',
      from: { uri: 'sip:other@example.com', address: 'other@example.com', displayName: '' },
      to: { uri: 'sip:other@example.com', address: 'other@example.com', displayName: '' },
      reply: (status, options = {}) => void replies.push({ status, options }),
    };
    if (method === 'INVITE') this.#theirs = replies;
    this.listener.onRequest?.(request);
    return replies;
  }

  /** The other side acknowledges a 2xx. */
  acknowledge(body?: Body): void {
    this.#theirs = undefined;
    this.listener.onAck?.(body);
  }

  /** The other side takes its re-INVITE back. */
  cancelReinvite(): void {
    this.listener.onReinviteCancelled?.();
  }

  /** The other side never acknowledges a 2xx. */
  missAck(): void {
    this.#theirs = undefined;
    this.listener.onAckTimeout?.();
  }

  inviteAgain(options: RequestOptions): void {
    this.#send('INVITE', options, (response) => this.listener.onResponse?.(response));
  }

  send(method: string, options: RequestOptions = {}, onResponse?: (response: SipResponse) => void): void {
    this.#send(method, options, onResponse);
  }

  reinvite(options: RequestOptions, onResponse: (response: SipResponse) => void): () => void {
    const sent = this.#send('re-INVITE', options, onResponse);
    return () => {
      sent.isCancelled = true;
    };
  }

  ack(body?: Body): void {
    this.#owesAck = false;
    this.acks.push(body);
  }

  bye(options: RequestOptions = {}, onResponse?: (response: SipResponse) => void): void {
    this.#send('BYE', options, onResponse);
  }

  cancel(options: RequestOptions = {}): void {
    this.#send('CANCEL', options);
  }

  snapshot(): LegSnapshot {
    const { callId, localTag, remoteTag, localParty: localUri, remoteParty: remoteUri } = this;
    const place = { remoteTarget: remoteUri, routeSet: [], localCseq: this.requests.length, isSecure: false };
    const dialog = { callId, localTag, remoteTag, localUri, remoteUri, ...place };
    return { dialog, contactUser: 'callcontroller', displayName: '', protocol: 'UDP', challenges: [] };
  }

  release(): void {
    this.isReleased = true;
  }

  letGo(): void {
    this.release();
  }

  #send(method: string, options: RequestOptions, onResponse: (response: SipResponse) => void = () => undefined): Sent {
    const crosses = method === 're-INVITE' && this.isChanging;
    const sent = new Sent(method, options, crosses, (response) => {
      this.#owesAck ||= method.endsWith('INVITE') && response.status >= 200 && response.status < 300;
      onResponse(response);
    });
    this.requests.push(sent);
    return sent;
  }
}

/** A SIP stack whose calls go to the test. */
export class ScriptedSip implements Sip {
  readonly host = '127.0.0.1';
  readonly port = 6050;
  readonly domain = 'example.com';
  readonly transactionTimeoutMs = 32_000;
  readonly legs: ScriptedLeg[] = [];

  /** The leg to a user. */
  leg(user: string): ScriptedLeg {
    const leg = this.legs.find(({ remoteParty }) => remoteParty.startsWith(`sip:${user}@`));
    if (!leg) throw new Error(`${user} was not called`);
    return leg;
  }

  invite(invitation: Invitation, listener: LegListener): OutgoingLeg {
    const leg = new ScriptedLeg(invitation, listener);
    this.legs.push(leg);
    leg.inviteAgain(invitation);
    return leg;
  }

  restore({ dialog }: LegSnapshot, _restoration: Restoration, listener: LegListener): Leg {
    if (dialog.remoteTarget === '') throw new Error('No dialog');
    const leg = new ScriptedLeg({ from: { uri: dialog.localUri }, to: dialog.remoteUri }, listener);
    this.legs.push(leg);
    return leg;
  }

  onInvite(): void {
    throw new Error('The call controller takes no calls');
  }

  request(): Promise<SipResponse> {
    throw new Error('The call controller sends no requests outside calls');
  }

  onMessage(): void {
    throw new Error('The call controller takes no messages');
  }

  subscribe(): Subscription {
    throw new Error('The call controller subscribes to nothing');
  }

  open(): Promise<UserAgent & { close(): Promise<void> }> {
    throw new Error('The call controller opens no ports');
  }
}

function messageOf(method: string, headers: readonly Header[], body: Body | undefined): SipMessage {
  const values = (name: string): string[] =>
    headers.filter(([field]) => field.toLowerCase() === name.toLowerCase()).map(([, value]) => value);
  return {
    method,
    callId: 'call-id',
    cseq: 1,
    body,
    headerNames: headers.map(([name]) => name),
    header: (name) => values(name)[0],
    headers: values,
  };
}
