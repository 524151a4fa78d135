import { branchOf, headerOf, type Message, requestIn, responseTo, sdp } from '../crowd/message.js';

/** Behaviour of a telephone, by the prefix of its user name. */
export const PARTS = ['talks', 'busy', 'declines', 'absent', 'rings'] as const;
export type Part = (typeof PARTS)[number];

/** Answers to an INVITE that a telephone refuses. */
const REFUSALS: Readonly<Partial<Record<Part, string>>> = {
  busy: '486 Busy Here',
  declines: '603 Decline',
  absent: '404 Not Found',
};

/** State of a telephone's dialog. */
export type PhoneState = 'called' | 'ringing' | 'answered' | 'talking' | 'ended' | 'refused' | 'cancelled';

/** The link of a telephone to its environment. */
export interface PhoneLine {
  readonly port: number;
  /** Whether the first INVITE of each call is answered with 407. */
  readonly challenges: boolean;
  /** From ringing to picking up. */
  readonly answerMs: number;
  send(text: string): void;
  /** Sends and retransmits the message until `answered`. */
  sendUntilAnswered(key: string, text: string): void;
  answered(key: string): void;
  after(delayMs: number, act: () => void): void;
  /** The state of a telephone has changed. */
  changed(phone: Phone): void;
}

/** One telephone in one dialog with the controller, which rings, picks up, follows REFER and hangs up by its script. */
export class Phone {
  state: PhoneState = 'called';
  /** Number of REFERs received. */
  referrals = 0;
  /** Reason of the BYE or CANCEL received. */
  reason = '';
  readonly #answers = new Map<string, string>();
  #invite: Message;
  #cseq = 0;
  #bye: string | undefined;

  constructor(
    /** User name: `talks7`. */
    readonly user: string,
    private readonly part: Part,
    invite: Message,
    private readonly line: PhoneLine,
  ) {
    this.#invite = invite;
  }

  /** Whether the telephone still rings or is in a call. */
  get isLeft(): boolean {
    return this.state === 'ringing' || this.state === 'answered' || this.state === 'talking';
  }

  get callId(): string {
    return this.#invite.callId;
  }

  receive(message: Message): void {
    if (message.status !== undefined) this.#onResponse(message, message.status);
    else if (message.method === 'ACK') this.#onAck(message);
    else this.#onRequest(message);
  }

  /** Picks up if the telephone rings. */
  pickUp(): void {
    if (this.state !== 'ringing') return;
    this.#become('answered');
    this.#reply(this.#invite, '200 OK', sdp());
  }

  hangUp(): void {
    if (this.state !== 'talking' || this.#bye !== undefined) return;
    this.#bye = this.#request('BYE');
  }

  #onRequest(message: Message): void {
    const { method, toTag } = message;
    const earlier = this.#answers.get(keyOf(message));
    if (earlier !== undefined) return this.line.send(earlier);
    if (method === 'INVITE' && toTag) return this.#reply(message, '200 OK', sdp());
    if (method === 'INVITE') return this.#onInvite(message);
    if (method === 'REFER') return this.#onRefer(message);
    if (method === 'CANCEL') return this.#onCancel(message);
    this.#reply(message, '200 OK');
    if (method !== 'BYE') return undefined;
    this.reason = headerOf(message.text, 'Reason');
    return this.#become('ended');
  }

  #onInvite(invite: Message): void {
    this.#invite = invite;
    if (this.line.challenges && headerOf(invite.text, 'Proxy-Authorization') === '')
      return this.#reply(invite, '407 Proxy Authentication Required');
    const refusal = REFUSALS[this.part];
    if (refusal !== undefined) {
      this.#become('refused');
      return this.#reply(invite, refusal);
    }
    this.#become('ringing');
    this.#reply(invite, '180 Ringing');
    if (this.part === 'talks') this.line.after(this.line.answerMs, () => this.pickUp());
    return undefined;
  }

  #onCancel(cancel: Message): void {
    this.#reply(cancel, '200 OK');
    if (this.state !== 'ringing') return;
    this.reason = headerOf(cancel.text, 'Reason');
    this.#become('cancelled');
    this.#reply(this.#invite, '487 Request Terminated');
  }

  /** The target's user name decides the outcome; no INVITE is sent. */
  #onRefer(refer: Message): void {
    this.referrals += 1;
    this.#reply(refer, '202 Accepted');
    const [, called = ''] = /sip:([a-z]+)\d*@/.exec(headerOf(refer.text, 'Refer-To')) ?? [];
    const refusal = REFUSALS[called as Part];
    this.#notify('100 Trying', 'active;expires=60');
    if (refusal !== undefined) return this.#notify(refusal, 'terminated;reason=noresource');
    if (called === 'rings') return undefined;
    this.#notify('180 Ringing', 'active;expires=60');
    return this.#notify('200 OK', 'terminated;reason=noresource');
  }

  #onAck({ toTag, cseq }: Message): void {
    this.line.answered(`${this.callId} ACK ${cseq}`);
    if (toTag === this.user && this.state === 'answered') this.#become('talking');
  }

  #onResponse({ method, cseq, status: _status }: Message, status: number): void {
    if (status < 200) return;
    this.line.answered(`${this.callId} ${method} ${cseq}`);
    if (method === 'BYE') this.#become('ended');
  }

  #reply(request: Message, status: string, body = ''): void {
    const plain = responseTo(request, status, this.user, this.line.port, body);
    const response = status.startsWith('407') ? plain.replace('Contact:', `${CHALLENGE}\r\nContact:`) : plain;
    this.#answers.set(keyOf(request), response);
    const needsAck = request.method === 'INVITE' && !status.startsWith('1');
    if (needsAck) this.line.sendUntilAnswered(`${this.callId} ACK ${request.cseq}`, response);
    else this.line.send(response);
  }

  #notify(status: string, subscription: string): void {
    this.#request(
      'NOTIFY',
      ['Event: refer', `Subscription-State: ${subscription}`, 'Content-Type: message/sipfrag'],
      `SIP/2.0 ${status}\r\n`,
    );
  }

  #request(method: string, fields: readonly string[] = [], body = ''): string {
    const cseq = ++this.#cseq;
    const plain = requestIn({ invite: this.#invite, tag: this.user }, method, cseq, this.line.port);
    const length = `Content-Length: ${Buffer.byteLength(body)}`;
    const text = plain.replace('Content-Length: 0\r\n\r\n', [...fields, length, '', body].join('\r\n'));
    const key = `${this.callId} ${method} ${cseq}`;
    this.line.sendUntilAnswered(key, text);
    return key;
  }

  #become(state: PhoneState): void {
    if (this.state === 'ended') return;
    this.state = state;
    this.line.changed(this);
  }
}

const CHALLENGE = 'Proxy-Authenticate: Digest realm="example.com", nonce="0a1b2c3d", algorithm=MD5, qop="auth"';

function keyOf(message: Message): string {
  return `${message.method} ${branchOf(message)}`;
}
