import type { RequestOptions, SipResponse } from '../../../sdk/index.js';
import { withoutMessage } from '../message/messages.js';

type OnResponse = (response: SipResponse) => void;

/**
 * The one BYE of a leg. It waits while it may not be sent yet, and whoever says BYE again gets the responses of the first one:
 * the leg's owner and the stack may both come to the end of the call.
 */
export class Farewell {
  #listeners: readonly OnResponse[] = [];
  #isHeld = false;
  #held: RequestOptions | undefined;
  #isSaid = false;
  #end: SipResponse | undefined;
  #isReleased = false;

  constructor(
    private readonly callId: string,
    private readonly send: (options: RequestOptions, onResponse: OnResponse) => void,
  ) {}

  /** From now on a BYE waits for {@link allow}. */
  hold(): void {
    this.#isHeld = true;
  }

  allow(): void {
    const held = this.#held;
    this.#isHeld = false;
    this.#held = undefined;
    if (held) this.#send(held);
  }

  say(options: RequestOptions, onResponse: OnResponse): void {
    const end = this.#end;
    if (end) {
      // never inside the caller's own call
      queueMicrotask(() => onResponse(end));
      return;
    }
    if (!this.#isSaid) {
      if (this.#isHeld) this.#held = options;
      else this.#send(options);
      this.#isSaid = true;
    }
    this.#listeners = [...this.#listeners, onResponse];
  }

  /**
   * Its leg was released: of the end only the status is kept. The leg itself is garbage soon, but in the old generation, where V8 takes it
   * for alive for seconds, and all that it holds with it.
   */
  release(): void {
    this.#isReleased = true;
    this.#end &&= withoutMessage(this.#end, this.callId);
  }

  #send(options: RequestOptions): void {
    this.send(options, (response) => {
      const listeners = this.#listeners;
      if (response.final) this.#over(response);
      for (const listener of listeners) listener(response);
    });
  }

  #over(response: SipResponse): void {
    this.#listeners = [];
    this.#end = this.#isReleased ? withoutMessage(response, this.callId) : response;
  }
}
