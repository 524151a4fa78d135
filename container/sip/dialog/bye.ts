import type { RequestOptions, SipResponse } from '../../../sdk/index.js';
import { withoutMessage } from '../message/messages.js';

type OnResponse = (response: SipResponse) => void;

/**
 * The one BYE of a leg. The BYE waits while none may be sent yet. A second request for it gets the responses to the first:
 * the leg's owner and the stack may both end the call.
 */
export class Bye {
  #listeners: readonly OnResponse[] = [];
  #isHeld = false;
  #held: RequestOptions | undefined;
  #isRequested = false;
  #final: SipResponse | undefined;
  #isReleased = false;

  constructor(
    private readonly callId: string,
    private readonly transmit: (options: RequestOptions, onResponse: OnResponse) => void,
  ) {}

  /** From now on the BYE waits for {@link allow}. */
  hold(): void {
    this.#isHeld = true;
  }

  allow(): void {
    const held = this.#held;
    this.#isHeld = false;
    this.#held = undefined;
    if (held) this.#transmit(held);
  }

  send(options: RequestOptions, onResponse: OnResponse): void {
    const final = this.#final;
    if (final) {
      // never inside the caller's own call
      queueMicrotask(() => onResponse(final));
      return;
    }
    if (!this.#isRequested) {
      if (this.#isHeld) this.#held = options;
      else this.#transmit(options);
      this.#isRequested = true;
    }
    this.#listeners = this.#listeners.concat(onResponse);
  }

  /**
   * Keeps only the status of the final response: the leg was released. An unreachable leg in V8's old generation still
   * holds all it refers to for seconds, until the next full collection.
   */
  release(): void {
    this.#isReleased = true;
    this.#final &&= withoutMessage(this.#final, this.callId);
  }

  #transmit(options: RequestOptions): void {
    this.transmit(options, (response) => {
      const listeners = this.#listeners;
      if (response.final) this.#end(response);
      for (const listener of listeners) listener(response);
    });
  }

  #end(response: SipResponse): void {
    this.#listeners = [];
    this.#final = this.#isReleased ? withoutMessage(response, this.callId) : response;
  }
}
