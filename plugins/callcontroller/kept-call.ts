import type { Call } from './call.js';
import type { CallRecord } from './model/call-record.js';
import type { ProgressRecord } from './refer/progress-record.js';
import { statusDocument } from './refer/status-document.js';

/**
 * What is kept of a call under its keys: the call itself while anything can happen to it, then only its document. Records outlive their
 * calls by far, and there are many.
 */
export class KeptCall {
  /** The keys of the call: one more with each transfer. */
  keys: readonly string[] = [];
  /** When nothing is kept of it any more, by the clock of `performance.now`; Infinity before its end. */
  keptUntilMs = Infinity;
  #current: Call | undefined;
  #result: ProgressRecord | string = '';

  constructor(readonly record: CallRecord) {}

  /** Undefined when nothing can happen to it any more. */
  get call(): Call | undefined {
    return this.#current;
  }

  /** What GET shows. */
  document(): string {
    if (this.#current) return this.#current.document();
    return typeof this.#result === 'string' ? this.#result : statusDocument(this.#result);
  }

  /** The call begins, or another kind of call goes on with it. */
  begin(call: Call): void {
    this.#current = call;
  }

  /** The call is over and freed. @param result its record, or its document */
  settle(result: ProgressRecord | string): void {
    this.#current = undefined;
    this.#result = result;
  }
}
