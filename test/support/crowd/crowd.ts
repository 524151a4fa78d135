import type { Socket } from 'node:dgram';
import { EventEmitter, once } from 'node:events';
import { type Message, readMessage } from './message.js';
import type { Plan, Role } from './plan.js';
import { openSocket, SharedSocket } from './shared-socket.js';
import { type AnsweredDialog, type Line, Telephone } from './telephone.js';

/** Interval of retransmissions, in milliseconds. */
const repeatMs = 1_000;

/**
 * The telephones of many Invite calls, on one UDP port that is also their proxy: `calling7`, `called7` and `target7` follow
 * plan 7.
 */
export class Crowd extends SharedSocket implements Line {
  /** Messages that a controller must not send. */
  readonly faults: string[] = [];
  readonly #telephones = new Map<string, Telephone>();
  readonly #telephonesByName = new Map<string, Telephone>();
  readonly #happened = new Map<string, number>();
  readonly #events = new EventEmitter();
  #controllerPort = 0;

  private constructor(
    socket: Socket,
    private readonly plans: readonly Plan[],
  ) {
    super(socket, repeatMs);
    this.#events.setMaxListeners(0);
    socket.on('message', (datagram, { port }) => {
      this.#controllerPort = port;
      this.#receive(readMessage(datagram.toString('utf8')));
    });
  }

  static async open(plans: readonly Plan[]): Promise<Crowd> {
    return new Crowd(await openSocket(), plans);
  }

  get dialogs(): AnsweredDialog[] {
    return [...this.#telephones.values()].flatMap(({ dialogs }) => dialogs);
  }

  /** Waits until an event has happened `count` times: `ACK called7`, `INFO calling7`, `end calling7`. @throws AbortError after 60 seconds */
  async happens(what: string, times = 1): Promise<void> {
    const signal = AbortSignal.timeout(60_000);
    while ((this.#happened.get(what) ?? 0) < times) await once(this.#events, what, { signal });
  }

  /** A telephone sends a request in its dialog, if it has one that has not ended. */
  ask(role: Role, call: number, method: 'INFO' | 'INVITE' | 'BYE'): void {
    this.#telephonesByName.get(`${role}${call}`)?.ask(method);
  }

  override send(text: string): void {
    this.socket.send(text, this.#controllerPort, '127.0.0.1');
  }

  tell(what: string): void {
    this.#happened.set(what, (this.#happened.get(what) ?? 0) + 1);
    this.#events.emit(what);
  }

  blame(message: Message, what: string): void {
    this.faults.push(`${what}: ${message.text}`);
  }

  #receive(message: Message): void {
    const telephone = this.#telephones.get(message.callId) ?? this.#ring(message);
    if (telephone) telephone.receive(message);
    else this.blame(message, 'for nobody');
  }

  #ring(invite: Message): Telephone | undefined {
    const [, role, call = ''] = /^sip:(calling|called|target)(\d+)@/.exec(invite.uri) ?? [];
    const plan = this.plans[Number(call)];
    if (invite.method !== 'INVITE' || !role || !plan) return undefined;
    const name = `${role}${call}`;
    const hangUpCalling = (): void => this.ask('calling', Number(call), 'BYE');
    const telephone = new Telephone({ name, role: role as Role, plan, invite, port: this.port, hangUpCalling }, this);
    this.#telephones.set(invite.callId, telephone);
    this.#telephonesByName.set(name, telephone);
    return telephone;
  }
}
