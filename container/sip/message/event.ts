import type { RequestMessage } from './parser/received-message.js';
import type { EventValue } from './parser/index.js';
import { parseEvent } from './parser/values.js';

/** What is subscribed to: the value of an Event header. */
export class SipEvent {
  readonly #value: EventValue;

  /** @throws Error where it is no event */
  constructor(readonly text: string) {
    this.#value = parseEvent(text);
  }

  /**
   * Whether a NOTIFY tells of it: the event package and `id` are compared (RFC 6665 section 8.2.1). One that does not say of what
   * tells of this one: there is no other in its dialog.
   */
  isIn(notify: RequestMessage): boolean {
    if (!notify.getHeader('Event')) return true;
    const other = notify.parseHeader('Event');
    return other?.event === this.#value.event && other.params?.['id'] === this.#value.params?.['id'];
  }
}
