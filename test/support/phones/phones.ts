import { createSocket, type Socket } from 'node:dgram';
import { EventEmitter, once } from 'node:events';
import { headerOf, type Message, readMessage } from '../crowd/message.js';
import { PARTS, Phone, type PhoneLine } from './phone.js';

/** How often what was not answered is sent again, in milliseconds. */
const REPEAT_MS = 500;
const BUFFER_BYTES = 4 * 1024 * 1024;

export interface PhonesOptions {
  /** From ringing to picking up; 10 by default. */
  readonly answerMs?: number;
  /** Whether the first INVITE of each call is answered with 407. */
  readonly challenges?: boolean;
}

/** SIP messages by direction, as the telephones see it, and by method, or by method and class of the response: `INVITE 2xx`. */
export type Traffic = Readonly<Record<'sent' | 'received', ReadonlyMap<string, number>>>;

/**
 * Any number of telephones on one UDP port, which is their proxy too. `talks7` picks up, `busy7`, `declines7` and `absent7` do not, and
 * `rings7` rings until the call is taken back.
 */
export class Phones implements PhoneLine {
  /** By Call-ID. */
  readonly #phones = new Map<string, Phone>();
  readonly #unanswered = new Map<string, string>();
  readonly #pauses = new Set<NodeJS.Timeout>();
  readonly #events = new EventEmitter();
  readonly #repeater: NodeJS.Timeout;
  readonly #traffic = { sent: new Map<string, number>(), received: new Map<string, number>() };
  /** Where each dialog's controller is, by Call-ID: there may be several. */
  readonly #controllers = new Map<string, number>();
  /** What the controller proved its credentials with. */
  readonly digests = new Set<string>();
  readonly answerMs: number;
  readonly challenges: boolean;

  private constructor(
    private readonly socket: Socket,
    { answerMs = 10, challenges = false }: PhonesOptions,
  ) {
    this.answerMs = answerMs;
    this.challenges = challenges;
    this.#events.setMaxListeners(0);
    socket.on('message', (datagram, { port }) => this.#receive(readMessage(datagram.toString('utf8')), port));
    this.#repeater = setInterval(() => {
      for (const text of this.#unanswered.values()) this.send(text);
    }, REPEAT_MS);
  }

  static async open(options: PhonesOptions = {}): Promise<Phones> {
    const socket = createSocket({ type: 'udp4', recvBufferSize: BUFFER_BYTES }).bind(0, '127.0.0.1');
    await once(socket, 'listening');
    return new Phones(socket, options);
  }

  get port(): number {
    return this.socket.address().port;
  }

  get all(): readonly Phone[] {
    return [...this.#phones.values()];
  }

  /** Whether all that they have sent is answered. */
  get isQuiet(): boolean {
    return this.#unanswered.size === 0;
  }

  get traffic(): Traffic {
    return this.#traffic;
  }

  /** The latest dialog of a telephone. */
  of(user: string): Phone | undefined {
    return this.all.findLast((phone) => phone.user === user);
  }

  /** Waits until the telephones are as wanted. @throws AbortError after `timeoutMs` milliseconds */
  async until(isWanted: (phones: readonly Phone[]) => boolean, timeoutMs = 60_000): Promise<void> {
    const signal = AbortSignal.timeout(timeoutMs);
    while (!isWanted(this.all)) await once(this.#events, 'changed', { signal });
  }

  async close(): Promise<void> {
    clearInterval(this.#repeater);
    for (const pause of this.#pauses) clearTimeout(pause);
    this.socket.close();
    await once(this.socket, 'close');
  }

  send(text: string): void {
    const message = readMessage(text);
    count(this.#traffic.sent, message);
    this.socket.send(text, this.#controllers.get(message.callId) ?? 0, '127.0.0.1');
  }

  sendUntilAnswered(key: string, text: string): void {
    this.#unanswered.set(key, text);
    this.send(text);
  }

  answered(key: string): void {
    this.#unanswered.delete(key);
  }

  after(delayMs: number, act: () => void): void {
    const pause = setTimeout(() => {
      this.#pauses.delete(pause);
      act();
    }, delayMs);
    this.#pauses.add(pause);
  }

  changed(phone: Phone): void {
    this.#events.emit('changed', phone);
  }

  #receive(message: Message, port: number): void {
    count(this.#traffic.received, message);
    this.#controllers.set(message.callId, port);
    const [, digest] = /response="?(\w+)/.exec(headerOf(message.text, 'Proxy-Authorization')) ?? [];
    if (digest !== undefined) this.digests.add(digest);
    const phone = this.#phones.get(message.callId) ?? this.#ring(message);
    phone?.receive(message);
    this.#events.emit('changed', phone);
  }

  #ring(invite: Message): Phone | undefined {
    const [, user = '', name] = /^sip:(([a-z]+)\d*)@/.exec(invite.uri) ?? [];
    const part = PARTS.find((each) => each === name);
    if (invite.method !== 'INVITE' || !part) return undefined;
    const phone = new Phone(user, part, invite, this);
    this.#phones.set(invite.callId, phone);
    return phone;
  }
}

function count(counts: Map<string, number>, { method, status, text }: Message): void {
  const key = status === undefined ? text.slice(0, text.indexOf(' ')) : `${method} ${Math.trunc(status / 100)}xx`;
  counts.set(key, (counts.get(key) ?? 0) + 1);
}
