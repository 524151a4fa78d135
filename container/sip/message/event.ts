import type { RequestMessage } from './parser/received-message.js';
import type { EventValue } from './parser/index.js';
import { parseEvent } from './parser/values.js';

/** An event package with its parameters: the value of an Event header field. */
export class SipEvent {
  readonly #value: EventValue;

  /** @throws Error if the text is not an event */
  constructor(readonly text: string) {
    this.#value = parseEvent(text);
  }

  /**
   * Whether a NOTIFY belongs to this event: compares the event package and `id` (RFC 6665 section 8.2.1). A NOTIFY without an Event
   * belongs, because its dialog has no other subscription.
   */
  isIn(notify: RequestMessage): boolean {
    if (!notify.getHeader('Event')) return true;
    const other = notify.parseHeader('Event');
    return other?.event === this.#value.event && other.params?.['id'] === this.#value.params?.['id'];
  }
}
