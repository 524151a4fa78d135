import type { Call } from './call.js';
import type { CallRequest } from './http/call-request.js';
import type { CallRecord } from './model/call-record.js';
import { type Cause, givenUp } from './model/reasons.js';
import { ProgressRecord } from './refer/progress-record.js';
import { EMPTY_DOCUMENT, statusDocument } from './refer/status-document.js';

/** Whose call waits. */
export interface WaitingCallOwner {
  readonly record: CallRecord;
  /** The call's turn has come: places the call that this one stood for. */
  onTurn(): void;
  /** The call was given up before its turn. Called once, when the call before it is over: its telephone is busy until then. */
  onEnd(record: ProgressRecord): void;
}

/** Stands for a call that waits for the end of the one it replaces. Sends nothing. */
export class WaitingCall implements Call {
  readonly placed = Promise.resolve();
  #progress: ProgressRecord | undefined;
  #isLetGo = false;

  /** @param turn is fulfilled when the call before it is over, or has had its time */
  constructor(
    readonly request: CallRequest,
    turn: Promise<unknown>,
    private readonly owner: WaitingCallOwner,
  ) {
    void turn.then(() => this.#onTurn());
  }

  #onTurn(): void {
    if (this.#isLetGo) return;
    if (this.#progress) this.owner.onEnd(this.#progress);
    else this.owner.onTurn();
  }

  get hasEnded(): boolean {
    return this.#isLetGo || this.#progress !== undefined;
  }

  document(): string {
    return this.#progress ? statusDocument(this.#progress) : EMPTY_DOCUMENT;
  }

  abandon(cause: Cause): void {
    if (this.#progress) return;
    // There is no INVITE, and no Call-ID of one.
    this.#progress = new ProgressRecord(this.owner.record.id);
    this.#progress.add('INVITE', 'SIP/2.0 487 Request Terminated');
    this.owner.record.note('ended', givenUp(cause, false));
  }

  letGo(): void {
    this.#isLetGo = true;
  }

  /** The record needs nothing of it. */
  forget(): void {}
}
