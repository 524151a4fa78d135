import type { Socket } from 'node:dgram';
import { EventEmitter, once } from 'node:events';
import { headerOf, type Message, readMessage } from '../crowd/message.js';
import { openSocket, SharedSocket } from '../crowd/shared-socket.js';
import { PARTS, Phone, type PhoneLine } from './phone.js';

/** Interval of retransmissions, in milliseconds. */
const REPEAT_MS = 500;

export interface PhonesOptions {
  /** From ringing to picking up; 10 by default. */
  readonly answerMs?: number;
  /** Whether the first INVITE of each call is answered with 407. */
  readonly challenges?: boolean;
}

/** Counts of SIP messages by direction, as seen by the telephones, and by method, or by method and class of the response: `INVITE 2xx`. */
export type Traffic = Readonly<Record<'sent' | 'received', ReadonlyMap<string, number>>>;

/**
 * Any number of telephones on one UDP port that is also their proxy. `talks7` picks up, `busy7`, `declines7` and `absent7` do not, and
 * `rings7` rings until the call is cancelled.
 */
export class Phones extends SharedSocket implements PhoneLine {
  /** By Call-ID. */
  readonly #phones = new Map<string, Phone>();
  readonly #events = new EventEmitter();
  readonly #traffic = { sent: new Map<string, number>(), received: new Map<string, number>() };
  /** Address of each dialog's controller, by Call-ID: there may be several controllers. */
  readonly #controllers = new Map<string, number>();
  /** Digest responses of the controller. */
  readonly digests = new Set<string>();
  readonly answerMs: number;
  readonly challenges: boolean;

  private constructor(socket: Socket, { answerMs = 10, challenges = false }: PhonesOptions) {
    super(socket, REPEAT_MS);
    this.answerMs = answerMs;
    this.challenges = challenges;
    this.#events.setMaxListeners(0);
    socket.on('message', (datagram, { port }) => this.#receive(readMessage(datagram.toString('utf8')), port));
  }

  static async open(options: PhonesOptions = {}): Promise<Phones> {
    return new Phones(await openSocket(), options);
  }

  get all(): readonly Phone[] {
    return [...this.#phones.values()];
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

  override send(text: string): void {
    const message = readMessage(text);
    count(this.#traffic.sent, message);
    this.socket.send(text, this.#controllers.get(message.callId) ?? 0, '127.0.0.1');
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
