import type { Sample } from '../../sdk/index.js';
import type { DropReason, MessageWatch, Received } from '../sip/transport/message-watch.js';
import type { MetricsRegistry } from './registry.js';

/** Methods that are counted by name; a stranger may invent others, which are counted together. */
const METHODS = new Set([
  'INVITE',
  'ACK',
  'BYE',
  'CANCEL',
  'OPTIONS',
  'REGISTER',
  'PRACK',
  'SUBSCRIBE',
  'NOTIFY',
  'PUBLISH',
  'INFO',
  'REFER',
  'MESSAGE',
  'UPDATE',
]);

type Direction = 'sent' | 'received';

/** Counts the SIP messages of all endpoints. Plain maps: this happens for every message, and is read once in 15 s. */
export class SipMetrics implements MessageWatch {
  readonly #requests: Readonly<Record<Direction, Map<string, number>>> = { sent: new Map(), received: new Map() };
  /** By method and class, `INVITE 2`. */
  readonly #responses: Readonly<Record<Direction, Map<string, number>>> = { sent: new Map(), received: new Map() };
  readonly #copies = new Map<string, number>();
  readonly #drops = new Map<string, number>();
  #unsent = 0;

  constructor(metrics: MetricsRegistry) {
    metrics.counterOf(
      {
        name: 'sip_requests_total',
        help: 'SIP requests, retransmissions included, by direction and method.',
        labels: ['direction', 'method'],
      },
      () => samples(this.#requests, (method) => ({ method })),
    );
    metrics.counterOf(
      {
        name: 'sip_responses_total',
        help: 'SIP responses, retransmissions included, by direction, method of their request and class.',
        labels: ['direction', 'method', 'class'],
      },
      () => samples(this.#responses, byMethodAndClass),
    );
    metrics.counterOf(
      {
        name: 'sip_retransmissions_total',
        help: 'SIP messages that were sent again: no answer came, or what they answer came again.',
        labels: ['method'],
      },
      () => [...this.#copies].map(([method, value]) => ({ value, labels: { method } })),
    );
    metrics.counterOf(
      { name: 'sip_dropped_total', help: 'SIP messages and peers that were not heard, by reason.', labels: ['reason'] },
      () => [...this.#drops].map(([reason, value]) => ({ value, labels: { reason } })),
    );
    metrics.counterOf(
      { name: 'sip_unsent_total', help: 'SIP requests that no server could be found or reached for.' },
      () => [{ value: this.#unsent }],
    );
  }

  onSent(text: string, _target: unknown, isCopy: boolean): void {
    const status = sentStatus(text);
    const method = known(status === undefined ? text.slice(0, text.indexOf(' ')) : cseqMethod(text));
    this.#count('sent', method, status);
    if (isCopy) count(this.#copies, method);
  }

  onReceived({ method, status }: Received): void {
    this.#count('received', known(method), status);
  }

  onDropped(reason: DropReason): void {
    count(this.#drops, reason);
  }

  onUnsent(): void {
    this.#unsent += 1;
  }

  #count(direction: Direction, method: string, status: number | undefined): void {
    if (status === undefined) count(this.#requests[direction], method);
    else count(this.#responses[direction], `${method} ${Math.trunc(status / 100)}`);
  }
}

/** Undefined if it is a request. */
function sentStatus(text: string): number | undefined {
  return text.startsWith('SIP/2.0 ') ? Number(text.slice(8, 11)) : undefined;
}

/** The stack prints header names in their long form. */
function cseqMethod(text: string): string {
  const at = text.indexOf('\r\nCSeq: ');
  const end = text.indexOf('\r\n', at + 2);
  return text.slice(text.lastIndexOf(' ', end) + 1, end);
}

function known(method: string): string {
  return METHODS.has(method) ? method : 'other';
}

function count(counts: Map<string, number>, key: string): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}

function byMethodAndClass(key: string): Record<string, string> {
  const [method = '', digit = ''] = key.split(' ');
  return { method, class: `${digit}xx` };
}

function* samples(
  counts: Readonly<Record<Direction, ReadonlyMap<string, number>>>,
  labelsOf: (key: string) => Record<string, string>,
): Iterable<Sample> {
  for (const direction of ['sent', 'received'] as const)
    for (const [key, value] of counts[direction]) yield { value, labels: { direction, ...labelsOf(key) } };
}
