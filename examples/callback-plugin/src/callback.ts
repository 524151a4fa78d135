import { type Account, type CallControl, CallError, type Sdk } from 'sipxrest/sdk';
import { Line } from './line.js';

/** The parties of a callback as `user@host`, and the account of the caller, which places the call. */
export interface Pair {
  readonly account: Account;
  readonly callee: string;
}

export interface CallbackOptions {
  readonly pair: Pair;
  readonly expirySeconds: number;
  /** Whether the user logged in outside; the call controller has rules for such calls. */
  readonly isFromOutside: boolean;
  /** Called when the callback is done. */
  readonly onOver: () => void;
}

type State = 'waiting' | 'calling' | 'called' | 'expired' | 'withdrawn' | 'failed';

/** A callback as clients see it. */
export interface CallbackView {
  readonly caller: string;
  readonly callee: string;
  readonly state: State;
  readonly expiresAt: string;
  /** Path of the call, once it is placed. */
  readonly call?: string;
  /** Outcome of the call: its status, or the reason why the call failed or was not placed. */
  readonly outcome?: string;
}

/** One callback: waits until both users are free, then places a call and watches its outcome. */
export class Callback {
  readonly #lines: readonly Line[];
  readonly #timer: NodeJS.Timeout;
  readonly #expiresAtMs: number;
  #state: State = 'waiting';
  #callId: string | undefined;
  #outcome: string | undefined;

  constructor(
    private readonly sdk: Sdk,
    private readonly calls: CallControl,
    private readonly options: CallbackOptions,
  ) {
    const { pair, expirySeconds } = options;
    const listener = {
      onChange: () => void this.#callWhenFree(),
      onEnd: (why: string) => {
        if (this.#state === 'waiting') this.#end('failed', `a line cannot be watched: ${why}`);
      },
    };
    this.#lines = [pair.account.identity, pair.callee].map(
      (address) => new Line(sdk, address, pair.account, expirySeconds, listener),
    );
    this.#expiresAtMs = Date.now() + expirySeconds * 1_000;
    this.#timer = setTimeout(() => this.#end('expired'), expirySeconds * 1_000);
  }

  /** Whether the callback is done. */
  get isOver(): boolean {
    return this.#state !== 'waiting' && this.#state !== 'calling';
  }

  view(): CallbackView {
    return {
      caller: this.options.pair.account.identity,
      callee: this.options.pair.callee,
      state: this.#state,
      expiresAt: new Date(this.#expiresAtMs).toISOString(),
      ...(this.#callId !== undefined && { call: `/v1/calls/${this.#callId}` }),
      ...(this.#outcome !== undefined && { outcome: this.#outcome }),
    };
  }

  /** Cancels the callback. A call that was placed goes on. */
  withdraw(): void {
    this.#end('withdrawn');
  }

  async #callWhenFree(): Promise<void> {
    if (this.#state !== 'waiting' || !this.#lines.every(({ isFree }) => isFree)) return;
    this.#state = 'calling';
    const { pair, isFromOutside } = this.options;
    try {
      const { id } = await this.calls.place({ caller: pair.account.identity, callee: pair.callee, isFromOutside });
      this.#callId = id;
      // A call may ring for 180 seconds on either side.
      const call = await this.calls.waitFor(id, ({ status, isFinal }) => isFinal || status === 'connected', {
        timeoutMs: 400_000,
      });
      this.#end('called', call.reason?.code ?? call.status);
    } catch (error) {
      this.#end('failed', error instanceof CallError ? error.message : 'the call could not be placed');
      if (!(error instanceof CallError)) this.sdk.log.error('Callback failed', { error });
    }
  }

  #end(state: State, outcome?: string): void {
    if (this.isOver) return;
    this.#state = state;
    this.#outcome = outcome;
    clearTimeout(this.#timer);
    for (const line of this.#lines) line.close();
    this.options.onOver();
  }
}
