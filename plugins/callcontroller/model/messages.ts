import type { CallMessage, LegRole, WireMessage } from '../../../sdk/index.js';

/** Most messages kept of one call. */
const MAX_MESSAGES = 100;
/** Calls whose messages are kept, the latest ones: messages take more memory than anything else of a call. */
const MAX_CALLS = 5_000;

interface Message extends Omit<WireMessage, 'text'> {
  readonly atMs: number;
  readonly leg: LegRole;
  readonly text: string | undefined;
}

/** The SIP messages of the calls, by the id of the call. */
export class Messages {
  readonly #byCall = new Map<string, Message[]>();

  add(callId: string, leg: LegRole, { direction, startLine, cseq, text }: WireMessage): void {
    const known = this.#byCall.get(callId) ?? this.#begin(callId);
    if (known.length < MAX_MESSAGES) known.push({ atMs: Date.now(), leg, direction, startLine, cseq, text });
  }

  of(callId: string): CallMessage[] {
    const known = this.#byCall.get(callId) ?? [];
    return known.map(({ atMs, text, ...message }) => ({
      at: new Date(atMs).toISOString(),
      ...message,
      ...(text !== undefined && { text }),
    }));
  }

  delete(callId: string): void {
    this.#byCall.delete(callId);
  }

  #begin(callId: string): Message[] {
    const messages: Message[] = [];
    this.#byCall.set(callId, messages);
    const [oldest] = this.#byCall.keys();
    if (this.#byCall.size > MAX_CALLS && oldest !== undefined) this.#byCall.delete(oldest);
    return messages;
  }
}
