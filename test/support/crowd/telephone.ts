import { acknowledge, branchOf, type Message, requestIn, responseTo, sdp } from './message.js';
import type { Plan, Role } from './plan.js';

/** A dialog that a telephone has answered. Retransmissions do not count. */
export interface AnsweredDialog {
  /** `called7`, or `called7b` for a second telephone that answers. */
  readonly tag: string;
  byesGot: number;
  byesSent: number;
  /** The answer to the telephone's own BYE. */
  byeStatus: number | undefined;
}

/** The link of a telephone to its environment. */
export interface Line {
  send(text: string): void;
  /** Sends and retransmits the message until `answered`. */
  sendUntilAnswered(key: string, text: string): void;
  /** @returns false if the message was answered before */
  answered(key: string): boolean;
  after(delayMs: number, act: () => void): void;
  /** An event has happened for which a test may wait. */
  tell(what: string): void;
  /** The controller has sent a message that it must not send. */
  blame(message: Message, what: string): void;
}

interface TelephoneOptions {
  /** `calling7`, also the To tag. */
  readonly name: string;
  readonly role: Role;
  readonly plan: Plan;
  readonly invite: Message;
  readonly port: number;
  /** The calling party of the same call hangs up. */
  readonly hangUpCalling: () => void;
}

/** One telephone in one call. Retransmissions get the earlier answer again. */
export class Telephone {
  readonly dialogs: AnsweredDialog[] = [];
  readonly #answers = new Map<string, string>();
  #cseq = 0;
  #hasGlared = false;
  /** The ACK of the telephone's refusal has arrived. */
  #isRefused = false;
  #isOver = false;

  constructor(
    private readonly options: TelephoneOptions,
    private readonly line: Line,
  ) {}

  receive(message: Message): void {
    if (message.status !== undefined) this.#onResponse(message);
    else if (message.method === 'ACK') this.#onAck(message);
    else this.#onRequest(message);
    this.#tellEnd();
  }

  ask(method: 'INFO' | 'INVITE' | 'BYE'): void {
    const [dialog] = this.dialogs;
    if (!dialog || dialog.byesGot > 0) return;
    if (method === 'BYE') dialog.byesSent += 1;
    const body = method === 'INVITE' ? sdp('sendonly') : '';
    const cseq = ++this.#cseq;
    const request = requestIn({ ...this.options, tag: dialog.tag }, method, cseq, this.options.port, body);
    this.line.sendUntilAnswered(`${this.options.name} ${method} ${cseq}`, request);
  }

  #onRequest(message: Message): void {
    const key = `${message.method} ${branchOf(message)}`;
    const earlier = this.#answers.get(key);
    if (earlier !== undefined) return this.line.send(earlier);
    const reply: Reply = (status, body = '', tag = this.options.name) => {
      const response = responseTo(message, status, tag, this.options.port, body);
      this.#answers.set(key, response);
      const isFinal = message.method === 'INVITE' && !status.startsWith('1');
      if (isFinal) this.line.sendUntilAnswered(`${message.toTag || tag} ACK ${message.cseq}`, response);
      else this.line.send(response);
    };
    if (message.method === 'INVITE') return message.toTag ? this.#onReinvite(message, reply) : this.#ring(reply);
    if (message.method === 'CANCEL') return this.#onCancel(reply);
    if (message.method === 'BYE') this.#onBye(message);
    return reply('200 OK');
  }

  #ring(reply: Reply): void {
    const { role, plan } = this.options;
    const part = role === 'target' ? (plan.change === 'busyTransfer' ? 'busy' : 'talks') : plan[role];
    if (part === 'busy') return reply('486 Busy Here');
    reply('180 Ringing');
    const later = (act: () => void): void => this.line.after(plan.pauseMs, act);
    if (part === 'declines') later(() => reply('603 Decline'));
    else if (part === 'ringsUntilLeft' || part === 'answersAsLeft') later(this.options.hangUpCalling);
    else if (part !== 'silent') later(() => this.#answer(reply));
    return undefined;
  }

  #answer(reply: Reply): void {
    const { role, plan, name } = this.options;
    const part = role === 'called' ? plan.called : 'talks';
    const body = role === 'called' ? sdp() : sdp('inactive');
    this.#confirm(name);
    reply('200 OK', part === 'offersNothing' ? '' : body);
    if (part !== 'forks') return;
    this.#confirm(`${name}b`);
    reply('200 OK', body, `${name}b`);
  }

  #onCancel(reply: Reply): void {
    const { role, plan, invite, name, port } = this.options;
    reply('200 OK');
    if (this.dialogs.length > 0) return;
    const answers = role === 'called' && plan.called === 'answersAsLeft';
    if (answers) this.#confirm(name);
    const status = answers ? '200 OK' : '487 Request Terminated';
    const response = responseTo(invite, status, name, port, answers ? sdp() : '');
    this.line.sendUntilAnswered(`${name} ACK ${invite.cseq}`, response);
  }

  #onReinvite(message: Message, reply: Reply): void {
    const { plan, role } = this.options;
    if (role === 'calling' && plan.calling === 'refusesOffer') return reply('488 Not Acceptable Here');
    if (role === 'calling' && plan.calling === 'glares' && !this.#hasGlared) {
      this.#hasGlared = true;
      return reply('491 Request Pending');
    }
    return reply('200 OK', message.body ? sdp('recvonly') : sdp());
  }

  #onAck(message: Message): void {
    const { name } = this.options;
    const dialog = this.dialogs.find(({ tag }) => tag === message.toTag);
    if (dialog && dialog.tag !== name && !message.body) this.line.blame(message, 'the offer is not answered');
    this.#isRefused ||= this.dialogs.length === 0;
    if (this.line.answered(`${message.toTag} ACK ${message.cseq}`)) this.line.tell(`ACK ${message.toTag}`);
  }

  #onBye(message: Message): void {
    const dialog = this.dialogs.find(({ tag }) => tag === message.toTag);
    if (dialog) dialog.byesGot += 1;
    else this.line.blame(message, 'no such dialog');
  }

  #onResponse(message: Message): void {
    const { status = 0, method, cseq } = message;
    const { name, port } = this.options;
    const [dialog] = this.dialogs;
    if (status < 200) return;
    if (method === 'INVITE') this.line.send(acknowledge({ ...this.options, tag: name }, message, port));
    if (!this.line.answered(`${name} ${method} ${cseq}`)) return;
    if (method === 'BYE' && dialog) dialog.byeStatus = status;
    this.line.tell(`${method} ${name}`);
  }

  #confirm(tag: string): void {
    this.dialogs.push({ tag, byesGot: 0, byesSent: 0, byeStatus: undefined });
  }

  #tellEnd(): void {
    const hasTalked =
      this.dialogs.length > 0 && this.dialogs.every(({ byesGot, byeStatus }) => byesGot > 0 || byeStatus !== undefined);
    if (this.#isOver || (!hasTalked && !this.#isRefused)) return;
    this.#isOver = true;
    this.line.tell(`end ${this.options.name}`);
  }
}

type Reply = (status: string, body?: string, tag?: string) => void;
