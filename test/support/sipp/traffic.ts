import { EventEmitter, once } from 'node:events';
import type { Gate, RelayedMessage } from '../relay.js';

/**
 * Orders messages of different phones: `hold` is not forwarded before `until` has passed. Both name a kind of message
 * and the phone that sends or receives it: `calling: BYE`, `to called: INVITE 2`.
 */
export interface Order {
  readonly hold: string;
  readonly until: string;
}

export interface PassedMessage extends RelayedMessage {
  /** `calling: BYE` from the phone, `to calling: BYE` for it; `calling: BYE 2` the second time. */
  readonly name: string;
}

/** The messages between the container and the phones of one call. */
export class Traffic {
  readonly #phones = new Map<number, string>();
  readonly #passed: PassedMessage[] = [];
  readonly #arrivals = new EventEmitter();

  constructor(private readonly orders: readonly Order[] = []) {
    this.#arrivals.setMaxListeners(0);
  }

  get ports(): Iterable<number> {
    return this.#phones.keys();
  }

  /** All messages, oldest first. */
  get messages(): readonly PassedMessage[] {
    return this.#passed;
  }

  /** Names the phone with this UDP port. */
  name(port: number, phone: string): void {
    this.#phones.set(port, phone);
  }

  /** The message with this name, past or future. @throws AbortError after 20 seconds */
  async waitFor(name: string): Promise<PassedMessage> {
    const signal = AbortSignal.timeout(20_000);
    for (;;) {
      const found = this.#passed.find((message) => message.name === name);
      if (found) return found;
      await once(this.#arrivals, 'message', { signal }).catch(() => {
        throw new Error(`No "${name}" came; what came: ${this.#passed.map((message) => message.name).join(', ')}`);
      });
    }
  }

  readonly gate: Gate = (message, toPort) => {
    const from = this.#phones.get(message.fromPort);
    const kind = `${from ?? `to ${this.#phones.get(toPort)}`}: ${message.kind}`;
    const earlier = this.#passed.filter(({ name }) => name === kind || name.startsWith(`${kind} `)).length;
    const name = earlier > 0 ? `${kind} ${earlier + 1}` : kind;
    const order = this.orders.find(({ hold }) => hold === name);
    this.#passed.push({ ...message, name });
    this.#arrivals.emit('message');
    return order && this.waitFor(order.until).then(() => undefined);
  };
}
