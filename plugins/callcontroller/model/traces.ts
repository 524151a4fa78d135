import { Lifecycle, scoped } from 'tsyringe';
import type { CallRecord } from './call-record.js';

/** Most users and calls traced at a time; for more, set the log level to trace. */
const MAX_TRACES = 100;

/** The users and calls whose SIP messages are logged as a whole for a while, whatever the log level is. */
@scoped(Lifecycle.ContainerScoped)
export class Traces {
  /** By the address of the user, or the id of the call: when it ends, by the clock of `performance.now`. */
  readonly #endsAtMs = new Map<string, number>();

  /** @param subject the address of a user, or the id of a call. A second call for the same subject restarts its time */
  start(subject: string, seconds: number): void {
    this.#endsAtMs.delete(subject);
    this.#endsAtMs.set(subject, performance.now() + seconds * 1_000);
    const [oldest] = this.#endsAtMs.keys();
    if (this.#endsAtMs.size > MAX_TRACES && oldest !== undefined) this.#endsAtMs.delete(oldest);
  }

  has({ id, request }: Pick<CallRecord, 'id' | 'request'>): boolean {
    if (this.#endsAtMs.size === 0) return false;
    return [id, request.agent, request.calling, request.called].some((subject) => this.#isTraced(subject));
  }

  #isTraced(subject: string): boolean {
    const endsAtMs = this.#endsAtMs.get(subject);
    if (endsAtMs === undefined) return false;
    if (endsAtMs > performance.now()) return true;
    this.#endsAtMs.delete(subject);
    return false;
  }
}
